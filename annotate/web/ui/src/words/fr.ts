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
  keys: "Touches", keys_how: "Cliquez sur une touche puis appuyez sur celle que vous préférez.", keys_press: "appuyez…", keys_usual: "Remettre les touches d’origine",
};
