from rest.errors import TooManyRequests


class TooManyStreams(TooManyRequests):
    code = "too_many_streams"
    default_detail = "You have too many open streams; close one first"
