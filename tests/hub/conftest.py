"""One loopback hub and one client for all tests of a module: starting a client costs more than all its calls."""

from collections.abc import Iterator

import pytest
from hub_client import HubClient
from hub_world import MODEL, SAE_REPOSITORY, World
from loopback import LoopbackHub
from tiny_weights import save_gpt2, save_saes


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("hub")
    older, model = save_gpt2(home / "older", seed=1), save_gpt2(home / "model")
    saes = save_saes(home / "saes")
    with LoopbackHub(home / "served").serve() as hub:
        commit = hub.publish(MODEL, older)
        hub.publish(MODEL, model)
        hub.publish(SAE_REPOSITORY, saes)
        yield World(hub, model, older, commit, saes, home / "client")


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[HubClient]:
    client = HubClient(world.hub.url, world.client_home)
    yield client
    client.close()
