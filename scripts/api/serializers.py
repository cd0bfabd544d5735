"""How Schemathesis writes the bodies of uploads, which it does not know by itself."""
import schemathesis


@schemathesis.serializer("application/offset+octet-stream")
def piece(_, value):
    return value if isinstance(value, bytes) else str(value).encode()
