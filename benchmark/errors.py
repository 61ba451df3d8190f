"""What is the user's to mend: such an error ends in one line on the terminal, never in a traceback."""


class UserError(ValueError):
    """Something given to us is wrong; the message names it, the nearest valid choice and the mend."""


# The exit status of a command that was asked for what is not there.
USAGE_ERROR = 2
