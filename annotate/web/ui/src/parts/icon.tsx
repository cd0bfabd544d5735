import arrowLeft from "lucide-static/icons/arrow-left.svg";
import captions from "lucide-static/icons/captions.svg";
import check from "lucide-static/icons/check.svg";
import chevronDown from "lucide-static/icons/chevron-down.svg";
import chevronLeft from "lucide-static/icons/chevron-left.svg";
import chevronRight from "lucide-static/icons/chevron-right.svg";
import clapperboard from "lucide-static/icons/clapperboard.svg";
import download from "lucide-static/icons/download.svg";
import film from "lucide-static/icons/film.svg";
import grip from "lucide-static/icons/grip-vertical.svg";
import help from "lucide-static/icons/circle-question-mark.svg";
import house from "lucide-static/icons/house.svg";
import minus from "lucide-static/icons/minus.svg";
import moon from "lucide-static/icons/sun-moon.svg";
import note from "lucide-static/icons/notebook-pen.svg";
import pause from "lucide-static/icons/pause.svg";
import pencil from "lucide-static/icons/pencil.svg";
import play from "lucide-static/icons/play.svg";
import plus from "lucide-static/icons/plus.svg";
import printer from "lucide-static/icons/printer.svg";
import redo from "lucide-static/icons/redo-2.svg";
import repeat from "lucide-static/icons/repeat.svg";
import rotate from "lucide-static/icons/rotate-ccw.svg";
import scissors from "lucide-static/icons/scissors.svg";
import screen from "lucide-static/icons/presentation.svg";
import server from "lucide-static/icons/server.svg";
import snail from "lucide-static/icons/snail.svg";
import snowflake from "lucide-static/icons/snowflake.svg";
import swap from "lucide-static/icons/arrow-left-right.svg";
import tag from "lucide-static/icons/tag.svg";
import trash from "lucide-static/icons/trash-2.svg";
import type from "lucide-static/icons/type.svg";
import undo from "lucide-static/icons/undo-2.svg";
import upload from "lucide-static/icons/upload.svg";
import users from "lucide-static/icons/users.svg";
import volume from "lucide-static/icons/volume-2.svg";
import warning from "lucide-static/icons/triangle-alert.svg";
import x from "lucide-static/icons/x.svg";
import zoomIn from "lucide-static/icons/zoom-in.svg";
import zoomOut from "lucide-static/icons/zoom-out.svg";
import clock from "lucide-static/icons/clock.svg";
import eye from "lucide-static/icons/eye.svg";
import leave from "lucide-static/icons/log-out.svg";
import list from "lucide-static/icons/list-video.svg";
import maximize from "lucide-static/icons/maximize.svg";
import move from "lucide-static/icons/folder-input.svg";
import report from "lucide-static/icons/file-text.svg";
import settings from "lucide-static/icons/sliders-horizontal.svg";
import share from "lucide-static/icons/square-arrow-out-up-right.svg";
import skipBack from "lucide-static/icons/skip-back.svg";
import skipForward from "lucide-static/icons/skip-forward.svg";
import stop from "lucide-static/icons/circle-x.svg";
import waits from "lucide-static/icons/step-forward.svg";

const drawings = {
  arrowLeft, captions, check, chevronDown, chevronLeft, chevronRight, clapperboard, download, film, grip, help, house, minus, moon, note, pause, pencil, play, plus, printer, redo, repeat, rotate,
  scissors, screen, server, snail, snowflake, swap, tag, trash, type, undo, upload, users, volume, warning, x, zoomIn, zoomOut,
  clock, eye, leave, list, maximize, move, report, settings, share, skipBack, skipForward, stop, waits,
};

export type IconName = keyof typeof drawings;

// Icon is a drawing beside words, which say the same: readers of the screen skip it.
export const Icon = ({ name }: { name: IconName }) => (
  <span class="icon" aria-hidden="true" dangerouslySetInnerHTML={{ __html: drawings[name].replace(/<!--.*?-->/s, "") }} />
);
