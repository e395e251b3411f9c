/* What a headset's microphone hears of its own earphones, as a LADSPA plugin for PulseAudio's module-ladspa-sink.
 *
 * Two channels in, what the earphones play; the microphone's signal out, on both channels. Each earcup reaches the
 * microphone with a gain, a delay and the dull sound of a leak; then come the microphone's own noise, hum, gain and
 * limit. All of it works in the sound server's own thread, sample for sample, so that a loaded computer adds neither
 * gaps nor drift. The interface is LADSPA 1.1; its few declarations stand here because its header is in a package of
 * its own. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct { int hints; float low, high; } RangeHint;
typedef struct Descriptor {
    unsigned long id;
    const char *label;
    int properties;
    const char *name, *maker, *copyright;
    unsigned long ports;
    const int *port_kinds;
    const char *const *port_names;
    const RangeHint *hints;
    void *data;
    void *(*instantiate)(const struct Descriptor *, unsigned long rate);
    void (*connect_port)(void *, unsigned long port, float *);
    void (*activate)(void *);
    void (*run)(void *, unsigned long frames);
    void (*run_adding)(void *, unsigned long frames);
    void (*set_run_adding_gain)(void *, float);
    void (*deactivate)(void *);
    void (*cleanup)(void *);
} Descriptor;
enum { INPUT = 1, OUTPUT = 2, CONTROL = 4, AUDIO = 8 };

enum {
    IN_LEFT, IN_RIGHT, OUT_LEFT, OUT_RIGHT,
    LEFT_DB,   /* gain of each earcup's way to the microphone; OFF or less: none */
    RIGHT_DB,
    LEFT_MS,   /* delay of that way */
    RIGHT_MS,
    FOLD,      /* 1: each ear plays both channels' mean; 2: each plays the other's channel */
    DULL,      /* 1: the way sounds like a leak (band-limited); 0: like a wire */
    NOISE_DB,  /* the microphone's own noise, RMS below full scale */
    HUM_DB,    /* 50 Hz and its harmonics, RMS */
    MIC_DB,    /* amplification of all that */
    TOP_DB,    /* where it is cut off */
    GAP_MS,    /* of each second so much is lost */
    PORTS
};
#define OFF -200.0f
#define LINE 32768 /* delay line, frames; a power of two */

typedef struct {
    float *port[PORTS];
    double rate, low[2], lower[2], through[2], bass, phase;
    float line[2][LINE];
    unsigned long at;
    uint64_t dice;
} Cups;

static float gain(float decibels) { return decibels <= OFF ? 0.0f : powf(10.0f, decibels / 20.0f); }

static void *instantiate(const Descriptor *of, unsigned long rate)
{
    Cups *cups = calloc(1, sizeof(Cups));
    (void)of;
    if (cups) {
        cups->rate = (double)rate;
        cups->through[0] = 1 - exp(-2 * M_PI * 7000 / cups->rate);
        cups->through[1] = 1 - exp(-2 * M_PI * 3500 / cups->rate);
        cups->bass = 1 - exp(-2 * M_PI * 120 / cups->rate);
        cups->dice = 0x9E3779B97F4A7C15u ^ (uint64_t)(uintptr_t)cups;
    }
    return cups;
}

static void connect_port(void *it, unsigned long port, float *data)
{
    if (port < PORTS)
        ((Cups *)it)->port[port] = data;
}

/* Uniform from -sqrt(3) to sqrt(3), so of variance 1 (xorshift64*). */
static float chance(Cups *cups)
{
    cups->dice ^= cups->dice >> 12;
    cups->dice ^= cups->dice << 25;
    cups->dice ^= cups->dice >> 27;
    return ((float)((cups->dice * 2685821657736338717u) >> 40) / 8388608.0f - 1.0f) * 1.7320508f;
}

/* Between one-pole filters, a high-pass at 120 Hz and a low-pass at 7 kHz (the ear beside the boom) or 3.5 kHz (the
 * other, behind the head): a leak carries neither bass nor much treble. */
static float leak(Cups *cups, int ear, float heard)
{
    cups->low[ear] += cups->through[ear] * (heard - cups->low[ear]);
    cups->lower[ear] += cups->bass * (cups->low[ear] - cups->lower[ear]);
    return (float)(cups->low[ear] - cups->lower[ear]);
}

static float hum(Cups *cups)
{
    cups->phase += 2 * M_PI * 50 / cups->rate;
    if (cups->phase > 2 * M_PI)
        cups->phase -= 2 * M_PI;
    return (float)(sin(cups->phase) + 0.7 * sin(2 * cups->phase) + 0.5 * sin(3 * cups->phase) +
                   0.3 * sin(5 * cups->phase)) / 0.957f; /* RMS 1 */
}

static void run(void *it, unsigned long frames)
{
    Cups *cups = it;
    float **port = cups->port;
    int fold = (int)*port[FOLD], dull = *port[DULL] > 0.5f;
    float ears[2] = {gain(*port[LEFT_DB]), gain(*port[RIGHT_DB])};
    float noise = gain(*port[NOISE_DB]), humming = gain(*port[HUM_DB]), amplified = gain(*port[MIC_DB]);
    float top = gain(*port[TOP_DB]);
    unsigned long late[2] = {(unsigned long)(*port[LEFT_MS] * cups->rate / 1000 + 0.5),
                             (unsigned long)(*port[RIGHT_MS] * cups->rate / 1000 + 0.5)};
    unsigned long second = (unsigned long)cups->rate;
    unsigned long gap = (unsigned long)(*port[GAP_MS] * cups->rate / 1000);
    for (unsigned long n = 0; n < frames; n++, cups->at++) {
        float left = port[IN_LEFT][n], right = port[IN_RIGHT][n], heard = 0;
        cups->line[0][cups->at % LINE] = fold == 1 ? (left + right) / 2 : fold == 2 ? right : left;
        cups->line[1][cups->at % LINE] = fold == 1 ? (left + right) / 2 : fold == 2 ? left : right;
        for (int ear = 0; ear < 2; ear++) {
            float came = cups->line[ear][(cups->at - late[ear] % LINE) % LINE];
            heard += ears[ear] * (dull ? leak(cups, ear, came) : came);
        }
        if (noise > 0)
            heard += noise * chance(cups);
        if (humming > 0)
            heard += humming * hum(cups);
        heard = fmaxf(-top, fminf(top, heard * amplified));
        if (cups->at % second < gap)
            heard = 0;
        port[OUT_LEFT][n] = port[OUT_RIGHT][n] = heard;
    }
}

#define SET (INPUT | CONTROL)
static const int KINDS[PORTS] = {INPUT | AUDIO, INPUT | AUDIO, OUTPUT | AUDIO, OUTPUT | AUDIO,
                                 SET, SET, SET, SET, SET, SET, SET, SET, SET, SET, SET};
static const char *const NAMES[PORTS] = {"Left", "Right", "Microphone", "Microphone again", "Left dB", "Right dB",
                                         "Left ms", "Right ms", "Fold", "Dull", "Noise dB", "Hum dB",
                                         "Microphone dB", "Top dB", "Gap ms"};
static const RangeHint HINTS[PORTS];
static const Descriptor EARCUPS = {
    .id = 4711, .label = "earcups", .name = "Earcups", .maker = "vpr-morning", .copyright = "Apache-2.0",
    .ports = PORTS, .port_kinds = KINDS, .port_names = NAMES, .hints = HINTS,
    .instantiate = instantiate, .connect_port = connect_port, .run = run, .cleanup = free,
};

const Descriptor *ladspa_descriptor(unsigned long index) { return index ? NULL : &EARCUPS; }
