"""What `serve --workers` does with several processes, in one."""

from __future__ import annotations

import os
from pathlib import Path

from sandtable.core.platform.instance import Instance
from sandtable.library.plane_client import PlaneClient
from sandtable.serving.server import Server, bound
from sandtable.serving.workers.asking import Answers
from sandtable.serving.workers.directory import Directory
from sandtable.serving.workers.post import Post
from sandtable.serving.workers.spread_worlds import SpreadWorlds, kept_apart
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app


class Several:
    """What several processes do, in one: servers on the same port, each with worlds of its own."""

    def __init__(self, instance: Instance, folder: Path, count: int = 2) -> None:
        changes = Directory.begin(folder, count)
        self.listener = bound("127.0.0.1", 0)
        self.directories = [Directory(folder, changes) for _ in range(count)]
        self.worlds: list[SpreadWorlds] = []
        self.servers: list[Server] = []
        self.posts: list[Post] = []
        for number, directory in enumerate(self.directories):
            worlds = SpreadWorlds(
                instance.fork(instance.name), lambda name, **more: instance.fork(name), folder, number, directory
            )
            post = Post(folder, number, worlds.place_of)
            app = kept_apart(create_app(worlds, Settings(port=0)))
            server = Server(app, listener=self.listener.dup(), post=post)
            Answers(folder, number, worlds.questions).start()
            directory.up(number, os.getpid())
            self.worlds.append(worlds)
            self.posts.append(post)
            self.servers.append(server.start())
        self.url = self.servers[0].url
        self.plane = PlaneClient(self.url)

    def owner(self, name: str) -> int | None:
        return self.directories[0].owner(name)

    def stop(self) -> None:
        for server, post, worlds, directory in zip(
            self.servers, self.posts, self.worlds, self.directories, strict=True
        ):
            server.stop()
            post.close()
            worlds.default.close()
            directory.close()
        self.listener.close()
