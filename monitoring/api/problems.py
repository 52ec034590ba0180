"""Errors that views of the API raise; they are answered with problem details."""

from council_finance.problems import NOT_KEPT, PROBLEM_TYPE, problem

__all__ = ["NOT_KEPT", "PROBLEM_TYPE", "Problem", "problem"]


class Problem(Exception):
    """An error that a view of the API raises: its status, its title, and what to do."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        self.status, self.title, self.detail = status, title, detail
        super().__init__(detail)
