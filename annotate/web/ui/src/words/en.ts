import type { fr } from "./fr.ts";

export const en: Record<keyof typeof fr, string> = {
  language: "Language", skip: "Skip to content",
  home: "Home", service: "Service", help: "Help", close: "Close", cancel: "Cancel", ok: "OK", remove: "Delete", more: "More",
  saved: "Saved", saving: "Saving…", away: "The server does not answer. Nothing is lost: what you do is kept here and will be saved as soon as it is back.",
  refused: "This change was not accepted: {0}", failed: "That did not work: {0}", missing: "There is no such page, or no longer.", loading: "Loading…",
  undo: "Undo", redo: "Redo", space: "space",
  theme: "Appearance", theme_auto: "As the system", theme_light: "Light", theme_dark: "Dark",
  clash: "Someone else changed the same thing", clash_why: "“{0}”: you had set {1}, there is now {2}.", clash_mine: "Put mine back", clash_theirs: "Keep theirs", nothing: "nothing",
  kind_face_to_face: "Face to face", kind_joint_attention: "Joint attention", kind_turn_taking: "Turn-taking", kind_bid_response: "Bid and response",
  kind_approach: "Approach", kind_shared_engagement: "Shared play", kind_reunion: "Reunion", kind_: "Segment",
  role_parent: "Parent", role_child: "Child", role_other: "Other", role_unknown: "Unknown",
  objective_sensitivity: "Sensitivity", objective_reciprocity: "Reciprocity", objective_commitment: "Commitment",
  field_start: "start", field_end: "end", field_seen: "what was seen", field_question: "question for the parent", field_objective: "objective", field_order: "place in the reel",
  field_slow: "slow motion", field_freeze: "freeze", field_caption: "text on the picture", field_verdict: "choice", field_text: "text", field_seconds: "length", field_role: "role", field_title: "title",
  action_play: "Play or stop", action_back: "Back, faster each time", action_pause: "Stop", action_forward: "Forward, faster each time",
  action_frameBack: "Previous frame", action_frameOn: "Next frame", action_secondBack: "Back a second", action_secondOn: "On a second",
  action_momentBack: "Previous moment", action_momentOn: "Next moment", action_in: "Start here", action_out: "End here", action_own: "Segment here", action_keep: "Keep", action_drop: "Drop", action_note: "Note",
  action_tag: "Tag {0}", action_undo: "Undo", action_redo: "Redo", action_loop: "Loop the moment", action_slower: "Slower", action_faster: "Faster",
  action_zoomIn: "Zoom in on time", action_zoomOut: "See more time", action_parent: "Parent’s screen", action_help: "This help",
  // The home page.
  home_title: "Sessions", home_drop: "Drop the films of a session here", home_drop_more: "Films dropped together go into the same session.", home_choose: "Choose films", home_release: "Release: a new session begins",
  home_release_here: "Release: this film joins this session", home_first: "dyade finds moments worth showing to the parent; you keep those that matter, and the feedback film is ready.", home_watched: "Films copied to a watched folder arrive here by themselves.",
  home_today: "Today", home_yesterday: "Yesterday", home_visit: "Session of {0}", home_visit_new: "New session", home_open: "Open the review", home_start: "Start the review", home_add: "Add a film", home_earlier: "Show earlier sessions",
  home_away: "The server does not answer. This page will catch up by itself.",
  film_one: "{0} film", film_more: "{0} films", moment_one: "{0} moment proposed", moment_more: "{0} moments proposed", moment_sofar_one: "{0} moment so far", moment_sofar_more: "{0} moments so far", moment_none: "no moment proposed",
  state_waiting: "Waiting to be analysed", state_working: "Being analysed", state_done: "Analysed", state_failed: "The analysis failed", state_cancelled: "Analysis stopped", left: "about {0} left",
  film_stop: "Stop the analysis", film_retry: "Analyse again", film_delete: "Delete", film_move: "Change session", film_do: "{0}: {1}",
  delete_title: "Delete this film?", delete_why: "“{0}”, the moments proposed and the segments you chose from it will be erased. This cannot be undone.", delete_yes: "Delete the film",
  move_title: "Which session does this film belong to?", move_why: "“{0}”: the films of one session are watched and put together as one.", move_new: "A new session of its own", move_none: "There is no other session.", move_refused: "Choices were already made about this film in its session: it can no longer change. Undo them first in the review.", home_drop_touch: "Add the films of a session", home_goes: "You can start: moments are added as the analysis goes on.",
  send_queued: "Waiting for its turn", send_sending: "Sending: {0} of {1}", send_lost: "Connection lost at {0}. Sending goes on by itself as soon as it is back.", send_taking: "Arrived, the server is storing it…", send_cut: "Sending was interrupted. Choose this file again: it goes on where it was.",
  send_again: "Go on sending", send_cancel: "Cancel sending", send_retry: "Try again",
  send_not_film: "This is not a film. Choose a video file: MP4, MOV, MKV, AVI, MTS…", send_empty: "This file is empty. Copy it again from the device that filmed.", send_room: "There is not enough room left on the server’s disk. Make room or delete old films, then try again.",
  send_many: "Too many films are being sent to this server. Wait until one of them is done, then try again.", send_unreadable: "This file can no longer be read: was it moved, or the card taken out? Choose it again.", send_key: "This browser may no longer use the server. Open again the address that dyade gave when it started.", send_failed: "The film could not be sent ({0}). Try again; if it happens again, restart dyade.",

  // The reel.
  reel: "Reel", reel_empty: "Keep moments: they line up here, in the order the parent will see them.", reel_part_one: "{0} segment", reel_part_more: "{0} segments", reel_card: "Title card", reel_card_add: "Add a title card", reel_card_text: "Text of the card", reel_card_seconds: "Length, in seconds", reel_card_hint: "For example: “Playing together”",
  reel_segment_name: "{0}: {1}, {2}", reel_earlier: "Earlier", reel_later: "Later", reel_remove: "Take out of the reel", reel_moved: "“{0}” is now in place {1} of {2}.", reel_slow: "Slow {0}×", reel_freeze: "Freeze {0} s", reel_caption: "Question on the picture", reel_drag: "Drag to change the order, or Alt + arrows.",
  reel_preview: "Preview", reel_settings: "Settings", reel_settings_title: "Settings of the reel", reel_title: "Title of the film", reel_title_hint: "Shown by video players, and the file’s name", reel_evened: "Same loudness for all segments", reel_evened_why: "Heard in the film, not in the preview.", reel_faded: "Fade between segments",
  reel_make: "Create the film", reel_remake: "Create it again", reel_making: "Creating the film", reel_stale: "The reel has changed since this film.", reel_ready: "The film is ready.", reel_failed: "The film could not be created: {0}", reel_failed_plain: "The film could not be created. Try again.", reel_cancelled: "Creating the film was cancelled.", reel_watch: "Watch", reel_download: "Download", reel_share: "Export", reel_share_title: "Export the reel",
  reel_provenance: "Provenance", reel_provenance_why: "Which film and instant each picture of the created film comes from.", reel_otio: "OpenTimelineIO", reel_otio_why: "DaVinci Resolve, Premiere, Kdenlive…", reel_edl: "EDL (CMX 3600)", reel_edl_why: "Older or simpler editing programs.", reel_llc: "LosslessCut project", reel_llc_why: "To cut the films again without encoding.", reel_clips: "Segments one by one", reel_clips_why: "One video file for each segment.",

  // What is shown of it.
  show_previous: "Previous", show_again: "Again", show_play: "Play", show_pause: "Pause", show_slow: "Slowly", show_next: "Next", show_restart: "From the start", show_begin: "Start", show_leave: "Leave", show_full: "Full screen", show_controls: "Controls", show_at: "Segment {0} of {1}",
  quoted: "“{0}”", show_rests: "Stop after each segment", show_broken: "This segment cannot be shown at the moment.", show_empty: "No segment has been chosen yet.",

  // The report.
  report: "Report", report_title: "Report on the session of {0}", report_print: "Print", report_back: "Back to the review", report_films: "Films", report_moments: "Segments kept", report_none: "No segment has been kept yet.", report_reel: "Reel", report_reel_of: "{0}, {1} in all", report_seen: "What was seen", report_question: "Question for the parent", report_objective: "Objective", report_tags: "Tags", report_part: "Part", report_length: "Length", report_from: "{0} to {1}", report_card: "Card: “{0}”",
  report_how: "How to read this report", report_how_tool: "dyade, a program, proposed moments from what can be seen and heard; the choice of the segments, their limits, their order and all that is written here are a person’s.", report_how_unknown: "What was neither seen nor heard (a hidden face, out of the picture, speech covered) is held to be unknown, never absent. Nothing here measures or grades the parent or the child.", report_made: "Printed on {0} with dyade",
  keys: "Keys", keys_how: "Click a key, then press the one you prefer.", keys_press: "press…", keys_usual: "Put the usual keys back",
};
