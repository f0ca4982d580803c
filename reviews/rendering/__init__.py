"""Model output as HTML that can do nothing but show itself, in bounded time.

`render` is the one way in. Three walls, each enough alone: Markdown is parsed with
raw HTML off, links and images become text, and the result is cleaned against an
allow-list. What depends on the reviewer (the order of responses) is not known here.
"""

from reviews.rendering.budget import Budget
from reviews.rendering.hidden import excerpt, reveal_hidden
from reviews.rendering.texts import Written, render

__all__ = ["Budget", "Written", "excerpt", "render", "reveal_hidden"]
