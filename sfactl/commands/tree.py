"""What all commands share: the common options, and help in the person's language."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from sfactl.errors import OutputClosed, UsageFault
from sfactl.i18n import _, language

COMMON = "sfactl.common"
"""Where the values of the common options are kept while the command line is read."""
_OPTIONS = "sfactl.options"
"""Where the common options are kept for all the commands of one command line."""


def noun(help_text: str) -> typer.Typer:
    """A group of commands about one noun."""
    app = _App(help=help_text, cls=Group, no_args_is_help=True, rich_markup_mode=None, add_completion=False)
    app.callback()(_nothing)
    return app


def single() -> typer.Typer:
    """A command without a noun."""
    return _App(rich_markup_mode=None, add_completion=False)


def examples(*lines: str) -> str:
    """The end of a help text: commands to type."""
    shown = "\n".join(f"  {line}" for line in lines)
    heading = _("Examples:")
    return f"\b\n{heading}\n{shown}"


class _App(typer.Typer):
    def command(self, name: str | None = None, **options: Any) -> Callable[[Any], Any]:
        options.setdefault("cls", Command)
        return super().command(name, **options)


def _nothing() -> None:
    """No work of its own: a group only holds commands."""


def _keep(ctx: typer.Context, param: typer.CallbackParam, value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        option = max(param.opts, key=len)
        raise UsageFault(_("{name} is empty.").format(name=option), _("Say something with it, or leave it out."))
    if value:
        ctx.meta.setdefault(COMMON, {})[param.name] = value
    return value


@cache
def common_options(_language: str) -> list[Any]:
    """The options that every command takes, before or after its name; `_keep` puts what they say aside."""

    def options(
        output: str | None = _text(
            "--output",
            "-o",
            metavar="FORMAT",
            help=_("table, json, jsonl, csv, md, html or xlsx; a report also pdf."),
            autocompletion=_forms,
        ),
        fields: str | None = _text("--fields", metavar="NAMES", help=_("Columns to show: names with commas between.")),
        as_user: str | None = _text("--as", metavar="USER", help=_("Act as somebody whose rights lie within yours.")),
        profile: str | None = _text("--profile", metavar="NAME", help=_("The profile of the settings to use.")),
        config: str | None = _text("--config", metavar="FILE", help=_("The settings file.")),
        database: str | None = _text("--database", metavar="URL", help=_("The database to work on.")),
        lang: str | None = _text("--lang", metavar="LANG", help=_("en or es.")),
        no_color: bool = typer.Option(False, "--no-color", callback=_keep, help=_("No colour, also on a terminal.")),
        quiet: bool = typer.Option(False, "--quiet", "-q", callback=_keep, help=_("Only results and errors.")),
    ) -> None:
        pass

    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command()(options)
    made: list[Any] = [option for option in typer.main.get_command(app).params if option.name != "help"]
    for option in made:
        option.expose_value = False
        option.is_common = True
    return made


def _forms(incomplete: str) -> list[str]:
    from sfactl.render.output import Format

    return [form for form in Format if form.startswith(incomplete)]


def _text(*names: str, **settings: Any) -> Any:
    return typer.Option(None, *names, callback=_keep, show_default=False, **settings)


def _format_usage(command: Any, context: Any, formatter: Any) -> None:
    pieces = command.collect_usage_pieces(context)
    formatter.write_usage(context.command_path, " ".join(pieces), prefix=_("Usage: "))


def _format_options(command: Any, context: Any, formatter: Any) -> None:
    sections: dict[str, list[tuple[str, str]]] = {_("Arguments"): [], _("Options"): [], _("Common options"): []}
    names = list(sections)
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None:
            continue
        is_common = getattr(parameter, "is_common", False) or "--help" in parameter.opts
        place = names[0] if parameter.param_type_name == "argument" else names[2 if is_common else 1]
        sections[place].append(record)
    for heading, records in sections.items():
        if records:
            with formatter.section(heading):
                formatter.write_dl(records)


class _AsItIs:
    """Leaves a value that needs no conversion as it is.

    Typer converts each one with pydantic, and loading that takes longer than all else that a help page or a completion
    needs.
    """

    def __init__(self, convert: Callable[[], Any]) -> None:
        self._convert = convert

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        kind = param.type_descriptor.annotation
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if kind == list[str] and all(type(each) is str for each in value):
            return list(value)
        if isinstance(kind, type) and isinstance(value, kind) and param.type_descriptor.parameter_info.parser is None:
            return value
        return self._convert().coerce(value, param=param, ctx=ctx)


def _spare_conversion(parameter: Any) -> None:
    convert = getattr(parameter, "get_runtime_param", None)
    if convert is not None and not hasattr(parameter, "is_spared"):
        converter = _AsItIs(convert)
        parameter.get_runtime_param, parameter.is_spared = lambda: converter, True


def _require_text(ctx: Any) -> None:
    """Refuse what is no text: bytes of an argument that are not UTF-8; a path may have such."""
    said = [*ctx.params.values(), *ctx.meta.get(COMMON, {}).values()]
    for value in said:
        for text in value if isinstance(value, list | tuple) else (value,):
            if isinstance(text, str) and not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
                raise UsageFault(
                    _("{text} is not valid UTF-8.").format(text=ascii(text)),
                    _("Write it in the encoding of your terminal."),
                )


class _WithCommonOptions:
    """Adds the common options to a command or a group."""

    def get_params(self, ctx: Any) -> list[Any]:
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        if _OPTIONS not in ctx.meta:
            ctx.meta[_OPTIONS] = common_options(language())
        *own, last = params
        complete = [*own, *ctx.meta[_OPTIONS], last]
        for parameter in complete:
            _spare_conversion(parameter)
        return complete

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = _("Show this help.")
        return option

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        _format_usage(self, ctx, formatter)


class Command(_WithCommonOptions, TyperCommand):
    """A command: builds the state once the line is read, then runs."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Own options first, common ones after."""
        _format_options(self, ctx, formatter)

    def invoke(self, ctx: Any) -> Any:
        """Run the command with the state that the common options ask for."""
        from sfactl.commands.state import state_of

        _require_text(ctx)
        ctx.obj = state_of(ctx.meta.get(COMMON, {}), ctx.command_path)
        try:
            return super().invoke(ctx)
        except BrokenPipeError as fault:
            raise OutputClosed from fault


class Group(_WithCommonOptions, TyperGroup):
    """A noun with its verbs."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A verb by its name; a wrong one is refused in the person's language."""
        command = super().get_command(ctx, cmd_name)
        if command is None and not ctx.resilient_parsing:
            ctx.fail(no_command(cmd_name, list(self.commands)))
        return command

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The verbs; the common options are shown by each of them."""
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """One line a verb."""
        names = [name for name in self.list_commands(ctx) if not self._is_hidden(ctx, name)]
        limit = formatter.width - 6 - max(len(name) for name in names)
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, self.summary(ctx, name, limit)) for name in names])

    def summary(self, ctx: Any, name: str, limit: int) -> str:
        """What a command does, in a line."""
        command = self.get_command(ctx, name)
        return command.get_short_help_str(limit) if command else ""

    def _is_hidden(self, ctx: Any, name: str) -> bool:
        command = self.get_command(ctx, name)
        return command is None or command.hidden


def no_command(name: str, known: Sequence[str]) -> str:
    """That there is no such command, and which may have been meant."""
    near = suggestions(name, known)
    if near:
        return _("There is no command {name}. Did you mean {near}?").format(name=name, near=near)
    return _("There is no command {name}.").format(name=name)


def suggestions(word: str, known: Sequence[str]) -> str:
    """Names that a mistyped word may have meant, or nothing."""
    from difflib import get_close_matches

    return ", ".join(get_close_matches(word, known))
