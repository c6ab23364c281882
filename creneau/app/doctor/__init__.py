"""The doctor: looks an installation over and says what is well, what is not, and what to do. Changes nothing."""
