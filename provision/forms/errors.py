"""What can be wrong with a form, its mapping or its marks, each with its cure."""

from __future__ import annotations

from provision.errors import N_, ProvisionError


class FormError(ProvisionError):
    """Root of what goes wrong with forms. No parameter holds a pupil's name or code."""

    code = "form"
    remedy = N_("See docs/forms.md; 'provision forms show' tells what stands in the form.")


class FormDamaged(FormError):
    """A file that is no readable workbook."""

    code = "form-damaged"
    remedy = N_("Download the form again; do not save it anew in another program.")


class FormRefused(FormError):
    """A form that could do harm, or that cannot be filled without losing something of it."""

    code = "form-refused"
    remedy = N_("Fill this form by hand in an office program, and note the upload with 'forms uploaded'.")


class ProofFailed(FormError):
    """The filled form differs from the downloaded one in more than the intended cells. It is not kept."""

    code = "form-proof-failed"
    remedy = N_("Nothing was written. Fill this form by hand, and report the message above.")


class FormNeedsOffice(FormError):
    """A form that computes values, on a machine without LibreOffice."""

    code = "form-needs-office"
    remedy = N_("Install LibreOffice (libreoffice-calc-nogui) and run the command again.")


class NoSuchForm(FormError):
    """A command names a form that no mapping describes."""

    code = "no-such-form"
    remedy = N_("'provision forms list' names the forms; a mapping lies in the site's folder forms.")


class FormNotReady(FormError):
    """A step of a form that its earlier steps do not allow yet."""

    code = "form-not-ready"
    remedy = N_("'provision forms status' tells the next step of each form.")


class MarksRefused(FormError):
    """Marks that cannot be taken in; places are rows and columns, never codes."""

    code = "marks-refused"
    remedy = N_("Correct the rows that are named, and run the command again: nothing was taken in.")
