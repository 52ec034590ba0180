"""The error that every refusal is raised as."""


class Refused(Exception):
    """A refusal of what a user or a command requested; nothing was stored.

    `messages` are plain sentences for that person: what is wrong, where, what to do.
    """

    def __init__(self, *messages: str):
        self.messages = list(messages)
        super().__init__("\n".join(self.messages))
