"""Play the demo's story from the command line."""

from __future__ import annotations

import sys

import click

from sandtable.demo.stage import Stage
from sandtable.demo.story import FOLDER, Story, read_story
from sandtable.demo.telling import Telling
from sandtable.serving.server import ServerError
from sandtable.settings.unanswered import bare_reason


@click.command(context_settings={"max_content_width": 120})
@click.option("--keep", is_flag=True, help="Leave the instance running afterwards, and say how to look at it.")
@click.option("--live", is_flag=True, help="Play in a browser; prints the address of the page.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, show_default="a free one", help="Port of the instance."
)
@click.option("--folder", default=str(FOLDER), help="Folder with rules.yml, alerts.jsonl, kibana.yml and story.yml.")
def demo(*, keep: bool, live: bool, port: int, folder: str) -> None:
    """Play a story: alerts fire, fire again, get comments and recover, and incidents follow.

    Ends with 0 only if every step ended as the rules say.
    """
    try:
        story = read_story(folder)
    except OSError as error:
        raise click.ClickException(f"{error.filename or folder} cannot be read: {bare_reason(error)}") from None
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    try:
        wrong = _live(Telling(), port, story) if live else _played(Telling(), port, story, keep=keep)
    except ServerError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(1 if wrong else 0)


def _played(telling: Telling, port: int, story: Story, *, keep: bool) -> int:
    """Play the story here, and return how many steps ended otherwise than it says. Raises ServerError."""
    with Stage(port=port) as stage:
        telling.opening(stage, story)
        wrong = sum(telling.step(stage.play(step), step) for step in story.steps(stage.url))
        wrong += telling.table(stage.incidents(), story.end, stage.names)
        telling.still_open(stage.incidents(), story.why_open, stage.names)
        telling.closing(wrong)
        if keep:
            telling.how_to_look(stage.url)
            stage.wait()
        else:
            telling.where_to_watch()
    return wrong


def _live(telling: Telling, port: int, story: Story) -> int:
    """Serve the page of the demo until Ctrl-C. Raises ServerError when the port is taken."""
    from sandtable.demo.live.page import PREFIX, LivePage
    from sandtable.demo.live.player import Player

    stage = Stage(port=port)
    player = Player(stage, story)
    stage.app = LivePage(stage, player)
    with stage:
        player.start()
        telling.live(stage.url + PREFIX)
        stage.wait()
        player.stop()
    return 0


if __name__ == "__main__":
    demo()
