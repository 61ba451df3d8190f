"""What is the user's to mend: such an error ends in one line on the terminal, never in a traceback."""


class UserError(ValueError):
    """Something given to us is wrong; the message names it, the nearest valid choice and the mend."""
