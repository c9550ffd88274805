create table wingman.notification_texts (
    kind text not null,
    channel text not null,
    language text not null,
    title text not null,
    body text,
    constraint notification_texts_pkey primary key (kind, channel, language),
    constraint notification_texts_check check (
        wingman.notification_text_violation(kind, channel, language, title, body) is null
    )
);

insert into wingman.notification_texts (kind, channel, language, title, body)
values
('match_offered', 'email', 'en', 'You have a new match', null),
('match_offered', 'email', 'de', 'Du hast ein neues Match', 'Du hast ein neues Match: {buddy}. Nimm es an oder lehne es ab.'),
('match_offered', 'web_push', 'en', 'You have a new match', 'See who it is, then accept or decline.'),
('match_offered', 'web_push', 'de', 'Du hast ein neues Match', 'Sieh nach, wer es ist, und nimm es an oder lehne es ab.'),
('match_first_accepted', 'email', 'en', 'Your match is waiting for you', null),
(
    'match_first_accepted',
    'email',
    'de',
    'Dein Match wartet auf dich',
    '{buddy} hat euer Match angenommen. Nimm es auch an, dann könnt ihr euch treffen.'
),
('match_first_accepted', 'web_push', 'en', 'Your match is waiting for you', 'Accept it too, and you can meet.'),
('match_first_accepted', 'web_push', 'de', 'Dein Match wartet auf dich', 'Nimm es auch an, dann könnt ihr euch treffen.'),
('match_accepted', 'email', 'en', 'Your match was accepted', null),
(
    'match_accepted',
    'email',
    'de',
    'Dein Match wurde angenommen',
    '{buddy} hat euer Match angenommen. Jetzt könnt ihr ein Treffen vereinbaren.'
),
('match_accepted', 'web_push', 'en', 'Your match was accepted', 'You can now arrange a session.'),
('match_accepted', 'web_push', 'de', 'Dein Match wurde angenommen', 'Jetzt könnt ihr ein Treffen vereinbaren.'),
('match_declined', 'email', 'en', 'There is news about your match', null),
('match_declined', 'email', 'de', 'Es gibt Neues zu deinem Match', 'Dein Match wurde abgelehnt.'),
('match_declined', 'web_push', 'en', 'There is news about your match', 'Take a look.'),
('match_declined', 'web_push', 'de', 'Es gibt Neues zu deinem Match', 'Sieh es dir an.'),
('match_ended', 'email', 'en', 'There is news about your match', null),
('match_ended', 'email', 'de', 'Es gibt Neues zu deinem Match', 'Dein Match ist beendet.'),
('match_ended', 'web_push', 'en', 'There is news about your match', 'Take a look.'),
('match_ended', 'web_push', 'de', 'Es gibt Neues zu deinem Match', 'Sieh es dir an.'),
(
    'session_scheduled',
    'email',
    'en',
    'You are invited to a session',
    e'{buddy} proposed a session: {time}, {venue}.\nAgree to it, or propose another time.'
),
(
    'session_scheduled',
    'email',
    'de',
    'Du bist zu einem Treffen eingeladen',
    e'{buddy} hat ein Treffen vorgeschlagen: {time}, {venue}.\nSag zu oder schlag eine andere Zeit vor.'
),
('session_scheduled', 'web_push', 'en', 'You are invited to a session', 'Agree to it, or propose another time.'),
('session_scheduled', 'web_push', 'de', 'Du bist zu einem Treffen eingeladen', 'Sag zu oder schlag eine andere Zeit vor.'),
(
    'session_moved',
    'email',
    'en',
    'Your session has a new time or place',
    e'Your session with {buddy} has a new time or place: {time}, {venue}.\nAgree to it, or propose another one.'
),
(
    'session_moved',
    'email',
    'de',
    'Dein Treffen hat eine neue Zeit oder einen neuen Ort',
    e'{buddy} und du trefft euch zu neuer Zeit oder an neuem Ort: {time}, {venue}.\nSag zu oder schlag etwas anderes vor.'
),
('session_moved', 'web_push', 'en', 'Your session has a new time or place', 'Agree to it, or propose another one.'),
(
    'session_moved',
    'web_push',
    'de',
    'Dein Treffen hat eine neue Zeit oder einen neuen Ort',
    'Sag zu oder schlag etwas anderes vor.'
),
('session_agreed', 'email', 'en', 'Your session is settled', '{buddy} agreed to your session: {time}, {venue}.'),
('session_agreed', 'email', 'de', 'Dein Treffen steht fest', '{buddy} hat eurem Treffen zugesagt: {time}, {venue}.'),
('session_agreed', 'web_push', 'en', 'Your session is settled', 'You have both agreed to it. See when and where.'),
('session_agreed', 'web_push', 'de', 'Dein Treffen steht fest', 'Ihr habt beide zugesagt. Sieh nach, wann und wo.'),
('session_started', 'email', 'en', 'Your session has started', null),
(
    'session_started',
    'email',
    'de',
    'Dein Treffen hat begonnen',
    'Du und {buddy} trefft euch jetzt: Euer Treffen hat begonnen.'
),
('session_started', 'web_push', 'en', 'Your session has started', 'Have a good time!'),
('session_started', 'web_push', 'de', 'Dein Treffen hat begonnen', 'Viel Spaß!'),
('session_confirmed', 'email', 'en', 'Please confirm your session', null),
(
    'session_confirmed',
    'email',
    'de',
    'Bitte bestätige dein Treffen',
    '{buddy} hat bestätigt, dass du bei eurem Treffen dabei warst. Bitte bestätige es umgekehrt auch.'
),
('session_confirmed', 'web_push', 'en', 'Please confirm your session', 'Your buddy has already confirmed it.'),
('session_confirmed', 'web_push', 'de', 'Bitte bestätige dein Treffen', 'Dein Buddy hat es schon bestätigt.'),
('session_completed', 'email', 'en', 'Your session is complete', null),
(
    'session_completed',
    'email',
    'de',
    'Dein Treffen ist abgeschlossen',
    'Du und {buddy} habt beide bestätigt: Euer Treffen ist abgeschlossen.'
),
('session_completed', 'web_push', 'en', 'Your session is complete', 'You have both confirmed it. Well done!'),
('session_completed', 'web_push', 'de', 'Dein Treffen ist abgeschlossen', 'Ihr habt es beide bestätigt. Gut gemacht!'),
('session_cancelled', 'email', 'en', 'Your session was cancelled', null),
(
    'session_cancelled',
    'email',
    'de',
    'Dein Treffen wurde abgesagt',
    'Du und {buddy} wart verabredet, aber euer Treffen wurde abgesagt.'
),
('session_cancelled', 'web_push', 'en', 'Your session was cancelled', 'It will not take place. You can arrange another one.'),
(
    'session_cancelled',
    'web_push',
    'de',
    'Dein Treffen wurde abgesagt',
    'Es findet nicht statt. Ihr könnt ein neues vereinbaren.'
),
('session_no_show', 'email', 'en', 'There is news about one of your sessions', null),
(
    'session_no_show',
    'email',
    'de',
    'Es gibt Neues zu einem deiner Treffen',
    'Unser Team hat festgehalten, dass bei einem deiner Treffen jemand nicht gekommen ist.'
),
(
    'session_no_show',
    'web_push',
    'en',
    'There is news about one of your sessions',
    'We have made a decision. Please take a look.'
),
(
    'session_no_show',
    'web_push',
    'de',
    'Es gibt Neues zu einem deiner Treffen',
    'Wir haben etwas entschieden. Bitte sieh es dir an.'
),
('session_reverted', 'email', 'en', 'There is news about one of your sessions', null),
(
    'session_reverted',
    'email',
    'de',
    'Es gibt Neues zu einem deiner Treffen',
    'Unser Team hat entschieden, dass eines deiner Treffen nicht mehr für die Reputation zählt.'
),
(
    'session_reverted',
    'web_push',
    'en',
    'There is news about one of your sessions',
    'We have made a decision. Please take a look.'
),
(
    'session_reverted',
    'web_push',
    'de',
    'Es gibt Neues zu einem deiner Treffen',
    'Wir haben etwas entschieden. Bitte sieh es dir an.'
),
('no_show_reported', 'email', 'en', 'There is a question about your session', null),
(
    'no_show_reported',
    'email',
    'de',
    'Es gibt eine Frage zu deinem Treffen',
    '{buddy} hat gemeldet, dass du nicht zu eurem Treffen gekommen bist. Du kannst das einräumen oder bestreiten.'
),
('no_show_reported', 'web_push', 'en', 'There is a question about your session', 'Please answer it soon.'),
('no_show_reported', 'web_push', 'de', 'Es gibt eine Frage zu deinem Treffen', 'Bitte beantworte sie bald.'),
('no_show_admitted', 'email', 'en', 'There is news about your session', null),
(
    'no_show_admitted',
    'email',
    'de',
    'Es gibt Neues zu deinem Treffen',
    '{buddy} hat eingeräumt, euer Treffen versäumt zu haben.'
),
('no_show_admitted', 'web_push', 'en', 'There is news about your session', 'You have an answer. Take a look.'),
('no_show_admitted', 'web_push', 'de', 'Es gibt Neues zu deinem Treffen', 'Du hast eine Antwort. Sieh sie dir an.'),
('no_show_contested', 'email', 'en', 'There is news about your session', null),
(
    'no_show_contested',
    'email',
    'de',
    'Es gibt Neues zu deinem Treffen',
    '{buddy} bestreitet, euer Treffen versäumt zu haben. Jetzt entscheidet unser Team.'
),
('no_show_contested', 'web_push', 'en', 'There is news about your session', 'You have an answer. We will look into it.'),
('no_show_contested', 'web_push', 'de', 'Es gibt Neues zu deinem Treffen', 'Du hast eine Antwort. Wir kümmern uns darum.'),
('no_show_withdrawn', 'email', 'en', 'There is good news about your session', null),
(
    'no_show_withdrawn',
    'email',
    'de',
    'Es gibt gute Nachrichten zu deinem Treffen',
    '{buddy} hat die Meldung zurückgezogen, dass du nicht zu eurem Treffen gekommen bist.'
),
('no_show_withdrawn', 'web_push', 'en', 'There is good news about your session', 'A question about it has been dropped.'),
('no_show_withdrawn', 'web_push', 'de', 'Es gibt gute Nachrichten zu deinem Treffen', 'Eine Frage dazu hat sich erledigt.'),
('no_show_dismissed', 'email', 'en', 'There is news about one of your sessions', null),
(
    'no_show_dismissed',
    'email',
    'de',
    'Es gibt Neues zu einem deiner Treffen',
    'Unser Team hat die Meldung verworfen, dass bei einem deiner Treffen jemand nicht gekommen ist.'
),
(
    'no_show_dismissed',
    'web_push',
    'en',
    'There is news about one of your sessions',
    'We have made a decision. Please take a look.'
),
(
    'no_show_dismissed',
    'web_push',
    'de',
    'Es gibt Neues zu einem deiner Treffen',
    'Wir haben etwas entschieden. Bitte sieh es dir an.'
),
('matching_paused', 'email', 'en', 'Your search is paused', null),
(
    'matching_paused',
    'email',
    'de',
    'Deine Suche pausiert',
    'Deine Suche pausiert, weil du auf deine letzten Matches nicht geantwortet hast. Such wieder, um weiterzumachen.'
),
('matching_paused', 'web_push', 'en', 'Your search is paused', 'Search again whenever you like.'),
('matching_paused', 'web_push', 'de', 'Deine Suche pausiert', 'Such wieder, wann immer du magst.'),
('user_suspended', 'email', 'en', 'There is news about your account', null),
('user_suspended', 'email', 'de', 'Es gibt Neues zu deinem Konto', 'Dein Konto ist gesperrt.'),
('user_suspended', 'web_push', 'en', 'There is news about your account', 'Please take a look.'),
('user_suspended', 'web_push', 'de', 'Es gibt Neues zu deinem Konto', 'Bitte sieh es dir an.'),
('suspension_lifted', 'email', 'en', 'There is good news about your account', null),
('suspension_lifted', 'email', 'de', 'Es gibt gute Nachrichten zu deinem Konto', 'Dein Konto ist nicht mehr gesperrt.'),
('suspension_lifted', 'web_push', 'en', 'There is good news about your account', 'Take a look.'),
('suspension_lifted', 'web_push', 'de', 'Es gibt gute Nachrichten zu deinem Konto', 'Sieh es dir an.'),
('achievement_earned', 'email', 'en', 'You have a new achievement', null),
(
    'achievement_earned',
    'email',
    'de',
    'Du hast einen neuen Erfolg',
    'Du hast einen neuen Erfolg. Welcher es ist, siehst du bei deinen Erfolgen.'
),
('achievement_earned', 'web_push', 'en', 'You have a new achievement', 'See which one it is.'),
('achievement_earned', 'web_push', 'de', 'Du hast einen neuen Erfolg', 'Sieh nach, welcher es ist.'),
('match_expiring', 'email', 'en', 'Your match expires soon', null),
(
    'match_expiring',
    'email',
    'de',
    'Dein Match läuft bald ab',
    'Du und {buddy} habt ein Match, das bald abläuft. Nimm es an oder lehne es ab.'
),
('match_expiring', 'web_push', 'en', 'Your match expires soon', 'Accept or decline it.'),
('match_expiring', 'web_push', 'de', 'Dein Match läuft bald ab', 'Nimm es an oder lehne es ab.'),
('session_reminder', 'email', 'en', 'Your session is coming up', 'You and {buddy} are meeting soon: {time}, {venue}.'),
(
    'session_reminder',
    'email',
    'de',
    'Dein Treffen steht bevor',
    'Bald ist es so weit: Du und {buddy} trefft euch. {time}, {venue}.'
),
('session_reminder', 'web_push', 'en', 'Your session is coming up', 'See when and where.'),
('session_reminder', 'web_push', 'de', 'Dein Treffen steht bevor', 'Sieh noch einmal nach, wann und wo.'),
(
    'agreement_reminder',
    'email',
    'en',
    'A session is waiting for your answer',
    '{buddy} is waiting for you to agree to a session: {time}, {venue}.'
),
(
    'agreement_reminder',
    'email',
    'de',
    'Ein Treffen wartet auf deine Antwort',
    '{buddy} wartet darauf, dass du einem Treffen zusagst: {time}, {venue}.'
),
('agreement_reminder', 'web_push', 'en', 'A session is waiting for your answer', 'Agree to it, or propose another time.'),
('agreement_reminder', 'web_push', 'de', 'Ein Treffen wartet auf deine Antwort', 'Sag zu oder schlag eine andere Zeit vor.'),
('confirmation_reminder', 'email', 'en', 'How was your session?', null),
(
    'confirmation_reminder',
    'email',
    'de',
    'Wie war dein Treffen?',
    'War {buddy} bei eurem Treffen dabei? Dann bestätige es bitte.'
),
('confirmation_reminder', 'web_push', 'en', 'How was your session?', 'If your buddy was there, please confirm it.'),
('confirmation_reminder', 'web_push', 'de', 'Wie war dein Treffen?', 'Wenn dein Buddy dabei war, bestätige es bitte.'),
('more_activity', 'email', 'en', 'There is more news for you', null),
(
    'more_activity',
    'email',
    'de',
    'Es gibt noch mehr Neues für dich',
    '{buddy} war sehr aktiv: Es gibt mehr Neues, als wir an einem Tag verschicken. Sieh es dir an.'
),
('more_activity', 'web_push', 'en', 'There is more news for you', 'It is more than we send in a day. Take a look.'),
(
    'more_activity',
    'web_push',
    'de',
    'Es gibt noch mehr Neues für dich',
    'Es ist mehr, als wir an einem Tag verschicken. Sieh es dir an.'
),
(
    'email_confirmation',
    'email',
    'en',
    'Please confirm your e-mail address',
    'Confirm your address, and we will send you news by e-mail. If you did not ask for this, ignore this message.'
),
(
    'email_confirmation',
    'email',
    'de',
    'Bitte bestätige deine E-Mail-Adresse',
    'Bestätige deine Adresse, dann schicken wir dir Neues per E-Mail. Wolltest du das nicht, dann ignoriere diese Nachricht.'
);

comment on table wingman.notification_texts is
'The texts of messages sent outside the app; operators change them with wingman_admin.set_notification_text. The rules are in
wingman.notification_text_violation';
comment on column wingman.notification_texts.kind is 'A kind of wingman.notification_kinds(), or email_confirmation';
comment on column wingman.notification_texts.channel is 'email or web_push';
comment on column wingman.notification_texts.language is 'A language of wingman.text_languages()';
comment on column wingman.notification_texts.title is
'The subject of an e-mail, or the first line of a push message, 1 to 80 characters; names nobody';
comment on column wingman.notification_texts.body is
'What it says, 1 to 500 characters; null in an English e-mail that uses the sentence of the inbox, see
wingman.notification_kinds()';

revoke all on table wingman.notification_texts from public, anon, authenticated, service_role;
