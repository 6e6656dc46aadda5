"""The picture of the first part: input, layer, output and states as cuboids, weights as boxes."""

from typing import TYPE_CHECKING

from markupsafe import Markup

from rnnviz.ideas.shapes.settings import LayerSettings
from rnnviz.names import CELL_NAMES
from rnnviz.palette import Theme
from rnnviz.ui.ideas.shapes.colours import BACKWARD, FORWARD, WAYS
from rnnviz.ui.ideas.shapes.cuboid import DY, GAP, Cuboid, arrow, frame, label, some
from rnnviz.ui.ideas.shapes.grids import (
    MOST_ROWS,
    column_names,
    full_colour,
    heading,
    row_sizes,
    step_names,
    take,
)
from rnnviz.ui.ideas.shapes.layer_box import BOX, layer_box
from rnnviz.ui.ideas.shapes.layout import Layout
from rnnviz.ui.ideas.shapes.pairs import pair_text
from rnnviz.ui.ideas.shapes.states import TOP, draw_state
from rnnviz.ui.ideas.shapes.weights import weight_boxes
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.shapes.layers import Reading


@shared(max_entries=200)
def tensors_picture(
    settings: LayerSettings, unit: str, language: str, theme: Theme, _reading: "Reading"
) -> Markup:
    """The picture; `unit` is the picked cell of h_n: "f0" for the first unit forwards."""
    return _Tensors(_reading, unit, theme).draw()


class _Tensors(Layout):
    """The picture in the making."""

    def draw(self) -> Markup:
        """All of it: the call, the cuboids, the weights, the picked number."""
        settings, reading = self.settings, self.reading
        call = f"nn.{CELL_NAMES[settings.cell]}({settings.arguments})"
        states = "(h_n, c_n)" if len(reading.states) > 1 else "h_n"
        source = tag("code", f"output, {states} = {call}(input)")
        return tag(
            "div",
            tag("div", source, style="margin-bottom:0.4rem"),
            self._cuboids(),
            tag(
                "p",
                pair_text(self.reading, self.units, self.unit),
                style="margin:0.2rem 0 0.6rem",
                role="status",
            ),
            weight_boxes(reading),
        )

    def _cuboids(self) -> Markup:
        inputs = self._inputs()
        box = max(inputs.right + 38, inputs.x + 176)
        outputs = self._outputs(box + BOX + 46)
        # The input is as high as the middle of the output.
        middle = outputs.y + outputs.height / 2
        blocks: list[Markup] = []
        x = max(outputs.right + 38, outputs.x + 178)
        names = [*self.reading.shapes][-len(self.reading.states) :]
        for number in range(len(names)):
            drawn, end = draw_state(self, number, x, outputs)
            blocks += drawn
            x = end + 18
        height = max(outputs.y + outputs.height, self.bottom) + (
            58 if self.settings.layers == 1 else 66
        )
        return tag(
            "svg",
            self._input_parts(inputs),
            arrow(box - 33, middle, 27),
            layer_box(self.reading, box, middle),
            arrow(box + BOX + 6, middle, 27),
            self._output_parts(outputs),
            blocks,
            width=x + (64 if len(names) == 1 else 24),
            height=height,
            role="group",
            aria_label=_("Input, output and last states of the layer, with their shapes"),
        )

    def _inputs(self) -> Cuboid:
        rows = some(self.settings.inputs, MOST_ROWS)
        size = 26 if len(rows) <= 6 else 20
        count = len(self.steps)
        width = 27 if count <= 6 else 21 if count == 7 else 16
        heights = row_sizes(rows, size)
        rest = len(self.settings.ways * self.units) * self.row_size - sum(heights)
        return Cuboid(
            take(self.reading.inputs[: self.depth + 1], rows, self.steps),
            x=4,
            y=self.top + max(0, rest / 2),
            widths=[GAP if t is None else width for t in self.steps],
            heights=heights,
            theme=self.theme,
            scale=full_colour(self.reading.inputs),
        )

    def _outputs(self, x: float) -> Cuboid:
        settings, hidden = self.settings, self.settings.hidden
        last = len(self.steps) - 1
        ends = [last, 0][: settings.ways]
        count = len(self.steps)
        width = 37 if count <= 6 else 20 if count == 7 else 19
        backward = settings.steps > 1 and settings.is_bidirectional

        def twin(b: int, row: int, column: int) -> str | None:
            unit = self.output_rows[row]
            way = 0 if unit is None else unit // hidden
            if unit is None or column != ends[way]:
                return None
            return f"{way}-{b}-{unit % hidden}"

        def is_written(column: int) -> bool:
            return column == last or (backward and column == 0)

        return Cuboid(
            take(self.reading.output[: self.depth + 1], self.output_rows, self.steps),
            x=x,
            y=self.top,
            widths=[
                GAP if t is None else TOP if is_written(c) else width
                for c, t in enumerate(self.steps)
            ],
            heights=row_sizes(self.output_rows, self.row_size),
            theme=self.theme,
            scale=full_colour(self.reading.output, self.reading.states[0]),
            twin=twin,
            numbered=frozenset({last, 0} if backward else {last}),
        )

    def _input_parts(self, inputs: Cuboid) -> list[Markup]:
        shapes, settings = self.reading.shapes, self.settings
        shape = str(shapes["input"])
        note = _("{inputs} {inputs:number|numbers} for each time step", inputs=settings.inputs)
        if "ids" in shapes:
            shape, note = f"{shapes['ids']} → {shape}", _("token ids, looked up in a table")
        y = inputs.y - self.depth * DY - 38
        below = inputs.y + inputs.height + 38
        count = _("T = {steps} to the right", steps=settings.steps)
        depth = _("B = {batch} deep", batch=settings.batch)
        return [
            *heading(inputs.x, y, "input", shape, note),
            *inputs.draw(),
            *column_names(inputs, step_names(settings, self.steps)),
            label(inputs.x, below, f"{count} · {depth}", font_size=13, class_="muted"),
        ]

    def _output_parts(self, outputs: Cuboid) -> list[Markup]:
        settings = self.settings
        note = _("every step, both directions") if settings.ways == 2 else _("every step")
        last = outputs.column(len(self.steps) - 1)
        key = _("full colour: ±{scale}", scale=f"{outputs.scale:g}")
        below = outputs.y + outputs.height + 38
        parts = [
            *heading(outputs.x, 18, "output", self.reading.shapes["output"], note),
            *outputs.draw(),
            *column_names(outputs, step_names(settings, self.steps)),
            label(outputs.x + 34, below, key, font_size=13, class_="muted"),
            frame(last, outputs.y, outputs.widths[-1] - 1, self.half - 1, FORWARD),
        ]
        if settings.is_bidirectional:
            y = outputs.y + self.half
            parts.append(frame(outputs.x, y, outputs.widths[0] - 1, self.half - 1, BACKWARD))
        for way in range(settings.ways):
            y = outputs.y + way * self.half
            parts.append(
                tag(
                    "path",
                    d=f"M{outputs.x - 7} {y + 3}v{self.half - 6}",
                    style=f"stroke:{WAYS[way]}",
                    stroke_width=3,
                )
            )
        return parts
