"""The page of the protocol, from the protos and their comments."""

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from google.protobuf import descriptor_pb2

_INTRODUCTION = """\
# Protocol

The gRPC services and messages of `livetranslate.v1`, from the files in `protos/`. Clients need the first part; the rest
is what the services say to one another, and shares its types.
"""
_PACKAGE = ".livetranslate.v1."
_INNER = ("asr", "mt", "tts", "models")

# Field numbers of `google.protobuf.descriptor.proto`, of which the paths of comments are made.
_MESSAGE, _ENUM, _SERVICE = 4, 5, 6
_FIELD, _VALUE, _METHOD = 2, 2, 2

CommentPath = tuple[int, ...]
File = descriptor_pb2.FileDescriptorProto
Field = descriptor_pb2.FieldDescriptorProto

_SCALARS = {number: name.removeprefix("TYPE_").lower() for name, number in Field.Type.items()}


def protocol_page(root: Path) -> str:
    """The whole page: what clients use first, then what the services use among themselves."""
    files = {Path(file.name).stem: file for file in _described(root).file if file.package == "livetranslate.v1"}
    order = ["gateway", "types", *_INNER]
    order += sorted(files.keys() - set(order))
    return "\n".join([_INTRODUCTION, *(line for name in order for line in _file_lines(name, files[name]))])


def _described(root: Path) -> descriptor_pb2.FileDescriptorSet:
    """What buf makes of the protos, comments included."""
    image = subprocess.run(
        [root / ".venv/bin/buf", "build", "-o", "-#format=binpb"], cwd=root, check=True, stdout=subprocess.PIPE
    )
    return descriptor_pb2.FileDescriptorSet.FromString(image.stdout)


def _file_lines(name: str, file: File) -> Iterator[str]:
    comments = {tuple(place.path): place.leading_comments for place in file.source_code_info.location}
    yield f"## {name}.proto"
    yield ""
    for number, service in enumerate(file.service):
        yield from _heading(service.name, comments.get((_SERVICE, number), ""))
        for index, method in enumerate(service.method):
            request, response = _type_name(method.input_type), _type_name(method.output_type)
            asked = f"stream {request}" if method.client_streaming else request
            answered = f"stream {response}" if method.server_streaming else response
            yield f"**{method.name}** ({asked}) → {answered}"
            yield ""
            yield from _prose(comments.get((_SERVICE, number, _METHOD, index), ""))
    for number, message in enumerate(file.message_type):
        yield from _heading(message.name, comments.get((_MESSAGE, number), ""))
        yield from _fields(message, (_MESSAGE, number), comments)
    for number, enum in enumerate(file.enum_type):
        yield from _heading(enum.name, comments.get((_ENUM, number), ""))
        yield from _table(
            ("value", "meaning"),
            [
                (f"`{value.name}` = {value.number}", comments.get((_ENUM, number, _VALUE, index), ""))
                for index, value in enumerate(enum.value)
            ],
        )


def _heading(name: str, comment: str) -> Iterator[str]:
    yield f"### {name}"
    yield ""
    yield from _prose(comment)


def _fields(
    message: descriptor_pb2.DescriptorProto, path: CommentPath, comments: Mapping[CommentPath, str]
) -> Iterator[str]:
    maps = {nested.name: nested for nested in message.nested_type if nested.options.map_entry}
    yield from _table(
        ("field", "type", "meaning"),
        [
            (f"`{field.name}`", _type_of(field, message, maps), comments.get((*path, _FIELD, index), ""))
            for index, field in enumerate(message.field)
        ],
    )


def _type_of(
    field: Field, message: descriptor_pb2.DescriptorProto, maps: Mapping[str, descriptor_pb2.DescriptorProto]
) -> str:
    nested = maps.get(field.type_name.rpartition(".")[2])
    if nested is not None:
        key, value = nested.field
        return f"map of {_plain_type(key)} to {_plain_type(value)}"
    kind = _plain_type(field)
    if field.label == Field.LABEL_REPEATED:
        return f"repeated {kind}"
    is_one_of = field.HasField("oneof_index") and not field.proto3_optional
    return f"{kind}, one of `{message.oneof_decl[field.oneof_index].name}`" if is_one_of else kind


def _plain_type(field: Field) -> str:
    return _type_name(field.type_name) if field.type_name else _SCALARS[field.type]


def _type_name(full: str) -> str:
    """A type, linked where it is on this page."""
    if full.startswith(_PACKAGE):
        name = full.removeprefix(_PACKAGE)
        return f"[{name}](#{name.lower()})"
    return f"`{full.rpartition('.')[2]}`"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(_cell(text) for text in row)} |"
    yield ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _prose(comment: str) -> Iterator[str]:
    """A comment as paragraphs; what is indented in it is an example and stays as it is."""
    for block in re.split(r"\n\s*\n", comment.rstrip()):
        lines = [line.removeprefix(" ") for line in block.splitlines()]
        is_example = all(line.startswith("   ") for line in lines)
        yield from (["```", *(line.removeprefix("    ") for line in lines), "```"] if is_example else lines)
        yield ""
