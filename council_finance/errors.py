"""What the product says when it will not do a thing."""


class Refused(Exception):
    """Something a person asked for cannot be done; nothing was stored.

    `messages` are plain sentences for that person: what is wrong, where, what to do.
    """

    def __init__(self, *messages: str):
        self.messages = list(messages)
        super().__init__("\n".join(self.messages))
