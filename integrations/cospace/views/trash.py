"""api/trash: what the person has deleted, until it is gone for good."""

import uuid

from integrations.cospace.dialect import CospaceView, Json, SessionRequest
from integrations.cospace.resources import told_object, told_objects
from integrations.cospace.views.conference import PageQuery
from integrations.objects import access
from integrations.objects.services.objects import purge_object, restore_object
from integrations.objects.services.trash import purge_trash


class TrashView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        """The latest first."""
        page = self.query(PageQuery)
        return {"object": told_objects(access.in_trash(request.user)[page["first"] : page["first"] + page["count"]])}

    def delete(self, request: SessionRequest) -> Json:
        """Deletes all of it for good."""
        purge_trash(user=request.user, actor=self.actor)
        return {}


class TrashedObjectView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        return {"object": told_object(access.found_in_trash(request.user, object_id))}

    def post(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """Takes it out again. Raises NotFound."""
        one = restore_object(one=access.found_in_trash(request.user, object_id), actor=self.actor)
        return {"object": told_object(one)}

    def delete(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """Deletes it for good. Raises NotFound."""
        purge_object(one=access.found_in_trash(request.user, object_id), actor=self.actor)
        return {}
