// What the page says. French is written first; en.ts has the same keys, which the
// compiler checks. {0}, {1} are filled in; a text may be two, for one and for more.
export const fr = {
  language: "Langue", skip: "Aller au contenu",
  home: "Accueil", service: "Service", help: "Aide", close: "Fermer", cancel: "Annuler", ok: "D’accord", remove: "Supprimer", more: "Plus",
  saved: "Enregistré", saving: "Enregistrement…", away: "Le serveur ne répond pas. Rien n’est perdu : ce que vous faites est gardé ici et sera enregistré dès son retour.",
  refused: "Ce changement n’a pas été accepté : {0}", failed: "Cela n’a pas marché : {0}", missing: "Cette page n’existe pas, ou plus.", loading: "Chargement…",
  undo: "Défaire", redo: "Refaire", space: "espace",
  theme: "Apparence", theme_auto: "Comme le système", theme_light: "Claire", theme_dark: "Sombre",
  clash: "Quelqu’un d’autre a changé la même chose", clash_why: "« {0} » : vous aviez mis {1}, il y a maintenant {2}.", clash_mine: "Remettre ma version", clash_theirs: "Garder la sienne", nothing: "rien",
  kind_face_to_face: "Face à face", kind_joint_attention: "Attention conjointe", kind_turn_taking: "Tour de parole", kind_bid_response: "Initiative et réponse",
  kind_approach: "Rapprochement", kind_shared_engagement: "Jeu partagé", kind_reunion: "Retrouvailles", kind_: "Extrait",
  role_parent: "Parent", role_child: "Enfant", role_other: "Autre", role_unknown: "Inconnu",
  objective_sensitivity: "Sensibilité", objective_reciprocity: "Réciprocité", objective_commitment: "Engagement",
  field_start: "début", field_end: "fin", field_seen: "ce qui a été vu", field_question: "question au parent", field_objective: "objectif", field_order: "place dans le montage",
  field_slow: "ralenti", field_freeze: "arrêt sur image", field_caption: "texte sur l’image", field_verdict: "choix", field_text: "texte", field_seconds: "durée", field_role: "rôle", field_title: "titre",
  action_play: "Lire ou arrêter", action_back: "En arrière, plus vite à chaque fois", action_pause: "Arrêter", action_forward: "En avant, plus vite à chaque fois",
  action_frameBack: "Image précédente", action_frameOn: "Image suivante", action_secondBack: "Reculer d’une seconde", action_secondOn: "Avancer d’une seconde",
  action_momentBack: "Moment précédent", action_momentOn: "Moment suivant", action_in: "Début ici", action_out: "Fin ici", action_own: "Extrait ici", action_keep: "Garder", action_drop: "Écarter", action_note: "Note",
  action_tag: "Étiquette {0}", action_undo: "Défaire", action_redo: "Refaire", action_loop: "Lire le moment en boucle", action_slower: "Plus lentement", action_faster: "Plus vite",
  action_zoomIn: "Agrandir le temps", action_zoomOut: "Voir plus de temps", action_parent: "Écran du parent", action_help: "Cette aide",
  // The home page.
  home_title: "Séances", home_drop: "Déposez ici les films d’une séance", home_drop_more: "Plusieurs films déposés ensemble vont dans la même séance.", home_choose: "Choisir des films", home_release: "Lâchez : une nouvelle séance commence",
  home_release_here: "Lâchez : ce film rejoint cette séance", home_first: "dyade y repère des moments à montrer au parent ; vous gardez ceux qui comptent, et le film de la rétroaction est prêt.", home_watched: "Les films copiés dans un dossier surveillé arrivent ici d’eux-mêmes.",
  home_today: "Aujourd’hui", home_yesterday: "Hier", home_visit: "Séance de {0}", home_visit_new: "Nouvelle séance", home_open: "Ouvrir la revue", home_start: "Commencer la revue", home_add: "Ajouter un film", home_earlier: "Voir les séances plus anciennes",
  home_away: "Le serveur ne répond pas. Cette page se remettra à jour d’elle-même.",
  film_one: "{0} film", film_more: "{0} films", moment_one: "{0} moment proposé", moment_more: "{0} moments proposés", moment_sofar_one: "{0} moment déjà", moment_sofar_more: "{0} moments déjà", moment_none: "aucun moment proposé",
  state_waiting: "En attente d’analyse", state_working: "Analyse en cours", state_done: "Analysé", state_failed: "L’analyse a échoué", state_cancelled: "Analyse arrêtée", left: "encore {0} environ",
  film_stop: "Arrêter l’analyse", film_retry: "Relancer l’analyse", film_delete: "Supprimer", film_move: "Changer de séance", film_do: "{0} : {1}",
  delete_title: "Supprimer ce film ?", delete_why: "« {0} », les moments proposés et les extraits que vous y avez choisis seront effacés. On ne peut pas revenir en arrière.", delete_yes: "Supprimer le film",
  move_title: "Dans quelle séance va ce film ?", move_why: "« {0} » : les films d’une même séance se regardent et se montent ensemble.", move_new: "Une nouvelle séance, pour lui seul", move_none: "Il n’y a pas d’autre séance.", move_refused: "Des choix ont déjà été faits sur ce film dans sa séance : il ne peut plus en changer. Défaites-les d’abord dans la revue.", home_drop_touch: "Ajoutez les films d’une séance", home_goes: "Vous pouvez commencer : les moments s’ajoutent au fil de l’analyse.",
  send_queued: "Attend son tour", send_sending: "Envoi : {0} sur {1}", send_lost: "Connexion perdue à {0}. L’envoi reprend tout seul dès qu’elle revient.", send_taking: "Arrivé, le serveur l’enregistre…", send_cut: "Envoi interrompu. Choisissez de nouveau ce fichier : il reprendra où il en était.",
  send_again: "Reprendre l’envoi", send_cancel: "Annuler l’envoi", send_retry: "Réessayer",
  send_not_film: "Ce n’est pas un film. Choisissez un fichier vidéo : MP4, MOV, MKV, AVI, MTS…", send_empty: "Ce fichier est vide. Recopiez-le de l’appareil qui a filmé.", send_room: "Il n’y a plus assez de place sur le disque du serveur. Libérez de la place ou supprimez d’anciens films, puis réessayez.",
  send_many: "Trop d’envois sont en cours sur ce serveur. Attendez que l’un d’eux finisse, puis réessayez.", send_unreadable: "Ce fichier ne peut plus être lu : a-t-il été déplacé, ou la carte retirée ? Choisissez-le de nouveau.", send_key: "Ce navigateur n’a plus accès au serveur. Ouvrez de nouveau l’adresse que dyade a donnée au démarrage.", send_failed: "L’envoi n’a pas abouti ({0}). Réessayez ; si cela se répète, redémarrez dyade.",

  // The reel.
  reel: "Montage", reel_empty: "Gardez des moments : ils viennent se ranger ici, dans l’ordre où le parent les verra.", reel_part_one: "{0} extrait", reel_part_more: "{0} extraits", reel_card: "Carte de titre", reel_card_add: "Ajouter une carte de titre", reel_card_text: "Texte de la carte", reel_card_seconds: "Durée, en secondes", reel_card_hint: "Par exemple : « Vous jouez ensemble »",
  reel_segment_name: "{0} : {1}, {2}", reel_earlier: "Plus tôt", reel_later: "Plus tard", reel_remove: "Retirer du montage", reel_moved: "« {0} » est maintenant en place {1} sur {2}.", reel_slow: "Ralenti {0}×", reel_freeze: "Arrêt {0} s", reel_caption: "Question à l’image", reel_drag: "Glissez pour changer l’ordre, ou Alt + flèches.",
  reel_preview: "Aperçu", reel_settings: "Réglages", reel_settings_title: "Réglages du montage", reel_title: "Titre du film", reel_title_hint: "Montré par les lecteurs vidéo, et nom du fichier", reel_evened: "Même volume pour tous les extraits", reel_evened_why: "S’entend dans le film, pas dans l’aperçu.", reel_faded: "Fondu entre les extraits",
  reel_make: "Créer le film", reel_remake: "Refaire le film", reel_making: "Création du film", reel_stale: "Le montage a changé depuis ce film.", reel_ready: "Le film est prêt.", reel_failed: "Le film n’a pas pu être créé : {0}", reel_failed_plain: "Le film n’a pas pu être créé. Réessayez.", reel_cancelled: "La création du film a été annulée.", reel_watch: "Regarder", reel_download: "Télécharger", reel_share: "Exporter", reel_share_title: "Exporter le montage",
  reel_provenance: "Provenance", reel_provenance_why: "De quel film et de quel instant vient chaque image du film créé.", reel_otio: "OpenTimelineIO", reel_otio_why: "DaVinci Resolve, Premiere, Kdenlive…", reel_edl: "EDL (CMX 3600)", reel_edl_why: "Logiciels de montage anciens ou simples.", reel_llc: "Projet LosslessCut", reel_llc_why: "Pour recouper les films sans les réencoder.", reel_clips: "Extraits un par un", reel_clips_why: "Un fichier vidéo par extrait.",

  // What is shown of it.
  show_previous: "Avant", show_again: "Revoir", show_play: "Lire", show_pause: "Pause", show_slow: "Au ralenti", show_next: "Suivant", show_restart: "Recommencer", show_begin: "Commencer", show_leave: "Quitter", show_full: "Plein écran", show_controls: "Commandes", show_at: "Extrait {0} sur {1}",
  quoted: "« {0} »", show_rests: "S’arrêter après chaque extrait", show_broken: "Cet extrait ne peut pas être montré pour le moment.", show_empty: "Aucun extrait n’a encore été choisi.",

  // The report.
  report: "Compte rendu", report_title: "Compte rendu de la séance du {0}", report_print: "Imprimer", report_back: "Revenir à la revue", report_films: "Films", report_moments: "Extraits retenus", report_none: "Aucun extrait n’a été retenu pour le moment.", report_reel: "Montage", report_reel_of: "{0}, {1} au total", report_seen: "Ce qui a été vu", report_question: "Question au parent", report_objective: "Objectif", report_tags: "Étiquettes", report_part: "Partie", report_length: "Durée", report_from: "{0} à {1}", report_card: "Carte : « {0} »",
  report_how: "Comment lire ce compte rendu", report_how_tool: "dyade, un programme, a proposé des moments d’après ce qui se voit et s’entend ; le choix des extraits, leurs limites, leur ordre et tout ce qui est écrit ici viennent d’une personne.", report_how_unknown: "Ce qui n’a été ni vu ni entendu (visage caché, hors champ, parole couverte) est tenu pour inconnu, jamais pour absent. Rien ici ne mesure ni ne note le parent ou l’enfant.", report_made: "Imprimé le {0} avec dyade",
  keys: "Touches", keys_how: "Cliquez sur une touche puis appuyez sur celle que vous préférez.", keys_press: "appuyez…", keys_usual: "Remettre les touches d’origine",
};
