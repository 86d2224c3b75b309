"""api/object/(uuid)/comment: what people write about an object."""

import uuid
from typing import Any

from rest_framework import serializers

from integrations.cospace.dialect import CospaceView, Json, SessionRequest
from integrations.cospace.resources import told_comment
from integrations.cospace.views.conference import PageQuery
from integrations.objects import access
from integrations.objects.models.comments import LONGEST_COMMENT, Comment
from integrations.objects.services.comments import create_comment, delete_comment, update_comment
from rest import fields
from rest.errors import NotFound


class CommentInput(serializers.Serializer[Any]):
    text = fields.Text(min_length=1, max_length=LONGEST_COMMENT)


class CommentsView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """The newest first."""
        page = self.query(PageQuery)
        comments = Comment.objects.filter(object=access.found(request.user, object_id).pk).order_by("-created_at", "id")
        rows = comments[page["first"] : page["first"] + page["count"]]
        return {"comment": {str(comment.pk): told_comment(comment) for comment in rows}}

    def post(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """Raises TooManyComments, NotFound."""
        one, text = access.found(request.user, object_id), self.body(CommentInput)["text"]
        comment = create_comment(one=one, author=request.user, text=text, actor=self.actor)
        return {"comment": told_comment(comment)}


class CommentView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID, comment_id: uuid.UUID) -> Json:
        return {"comment": told_comment(_found(request, object_id, comment_id))}

    def post(self, request: SessionRequest, object_id: uuid.UUID, comment_id: uuid.UUID) -> Json:
        """The author's. Raises Forbidden, NotFound."""
        comment, text = _found(request, object_id, comment_id), self.body(CommentInput)["text"]
        changed = update_comment(comment=comment, by=request.user, text=text, actor=self.actor)
        return {"comment": told_comment(changed)}

    def delete(self, request: SessionRequest, object_id: uuid.UUID, comment_id: uuid.UUID) -> Json:
        """The author's, or any by who owns the object. Raises Forbidden, NotFound."""
        delete_comment(comment=_found(request, object_id, comment_id), by=request.user, actor=self.actor)
        return {}


def _found(request: SessionRequest, object_id: uuid.UUID, comment_id: uuid.UUID) -> Comment:
    comment = access.comment(request.user, comment_id)
    if comment.object_id != object_id:
        raise NotFound
    return comment
