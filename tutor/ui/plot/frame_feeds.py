"""Where pictures fetch the frames of a run from: addresses that the server answers, and what the page's timeline moves."""

PUSHED = "pushed"

Axes = tuple[int, int]


def feed_frames(key: str, show: str, axes: Axes = (0, 1), colour: str = "flips") -> dict:
    """Return the feed of a run's film, for `draw_picture(frames=...)`; the page's timeline moves it.

    Parameters
    ----------
    show
        Which film: a key of `tutor.ui.server.frames_api.SHOWS`.
    axes
        Principal components across and up, from 0.
    colour
        What states are coloured by: a field of SeenFlips.
    """
    return {"url": f"/api/runs/{key}/film?show={show}&x={axes[0]}&y={axes[1]}&colour={colour}", "timeline": True}


def play_as_film(feed: dict) -> dict:
    """Return a feed with a slider of its own that opens at its first moment and plays in 6 to 10 seconds, longest where most moves."""
    return feed | {"timeline": False, "film": True}


def feed_pushed_outputs(key: str, siblings: tuple[str, ...]) -> dict:
    """Return the feed of the film of one prefix among its `siblings`, for a picture that shows them all.

    All keys are in the address, because the answer depends on them and browsers cache it for good.
    """
    return {"url": f"/api/runs/{key}/film?show={PUSHED}&among={','.join(siblings)}", "timeline": True}
