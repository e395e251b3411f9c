"""The forms of a test (application, questionnaire, results): filled in place, proved, and accounted for."""
