"""api/trash: what the person has deleted, until it is gone for good."""

import uuid

from integrations.cospace.dialect import CospaceView, Json, SessionRequest
from integrations.cospace.paging import Paging, with_next
from integrations.cospace.resources import told_object, told_objects
from integrations.objects import access, listing
from integrations.objects.services.objects import purge_object, restore_object
from integrations.objects.services.trash import purge_trash


class TrashView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        """The latest first."""
        objects = access.in_trash(request.user)
        page, behind = listing.page_of(objects, **self.query(Paging), time="deleted_at")
        return with_next({"object": told_objects(page)}, behind)

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
