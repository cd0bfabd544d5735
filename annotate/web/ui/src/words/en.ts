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
  keys: "Keys", keys_how: "Click a key, then press the one you prefer.", keys_press: "press…", keys_usual: "Put the usual keys back",
};
