"""How answers become bytes."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView


class Rows(list[int]):
    """A list that can be watched."""


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_rows_go_with_the_answer_and_do_not_wait_for_the_collector() -> None:
    rows = Rows([1, 2, 3])
    watched = weakref.ref(rows)

    class RowsView(APIView):
        authentication_classes = permission_classes = ()

        def get(self, request: Request) -> Response:
            return Response(watched())

    answer = RowsView.as_view()(APIRequestFactory().get("/")).render()
    assert answer.content == b"[1,2,3]"
    del rows, answer
    assert watched() is None
