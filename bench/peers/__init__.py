"""Other packages, made ready to be measured."""
