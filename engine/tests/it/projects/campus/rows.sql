INSERT INTO institution (id, name, domain_names, settings) VALUES
  ('20000000-0000-4000-8000-000000000001', 'Open University', '{open.example,ou.example}', '{"grading": {"scale": "ects"}}');
INSERT INTO faculty VALUES ('20000000-0000-4000-8000-000000000001', 'CS', 'Computer science'), ('20000000-0000-4000-8000-000000000001', 'HI', 'History');
INSERT INTO program (institution_id, faculty_code, title, credits) VALUES ('20000000-0000-4000-8000-000000000001', 'CS', 'Data engineering', 120);
INSERT INTO account (id, email, display_name, roles, preferences, invited_by, created_at) VALUES
  ('30000000-0000-4000-8000-000000000001', 'lea@open.example', 'Lea Marten', '{lecturer,dean}', '{"theme": "dark", "mail": {"weekly": true}}', NULL, '2025-01-01Z'),
  ('30000000-0000-4000-8000-000000000002', 'sam@mail.example', 'Sam Oduya', '{student}', '{"theme": "light"}', '30000000-0000-4000-8000-000000000001', '2025-01-02Z'),
  ('30000000-0000-4000-8000-000000000003', 'kim@mail.example', 'Kim Lee', '{student,tutor}', '{}', '30000000-0000-4000-8000-000000000002', '2025-01-03Z');
INSERT INTO profile (account_id, biography, links, locale) VALUES ('30000000-0000-4000-8000-000000000001', 'Teaches databases', '[{"site": "https://lea.example"}]', 'de');
INSERT INTO membership VALUES
  ('20000000-0000-4000-8000-000000000001', '30000000-0000-4000-8000-000000000001', 'lecturer', '2020-09-01'),
  ('20000000-0000-4000-8000-000000000001', '30000000-0000-4000-8000-000000000002', 'student', '2025-09-01');
INSERT INTO subject (parent_id, name) VALUES (NULL, 'Computing'), (1, 'Databases'), (NULL, 'History');
INSERT INTO course (subject_id, slug, title, abstract, state, keywords, price, outline) VALUES
  (2, 'sql-basics', 'SQL basics', 'Queries and joins', 'open', '{sql,databases}', 49.00, '[{"week": 1, "topics": ["select"]}]'),
  (2, 'query-planning', 'Query planning', NULL, 'open', '{databases,performance}', 99.50, '[]'),
  (3, 'city-history', 'History of cities', 'From Ur to Uruk', 'draft', '{}', NULL, '[]');
INSERT INTO course_prerequisite VALUES (2, 1);
INSERT INTO program_course VALUES (1, 1, 1), (1, 2, 2);
INSERT INTO edition (course_id, term, institution_id, runs, seats, weekdays) VALUES
  (1, '2026S', '20000000-0000-4000-8000-000000000001', '[2026-03-01,2026-07-01)', 2, '{1,3}'), (2, '2026S', NULL, '[2026-03-01,2026-07-01)', 30, '{5}');
INSERT INTO teaching VALUES (1, '2026S', '30000000-0000-4000-8000-000000000001', true), (1, '2026S', '30000000-0000-4000-8000-000000000003', false);
INSERT INTO enrollment (course_id, term, account_id, enrolled_at, progress) VALUES
  (1, '2026S', '30000000-0000-4000-8000-000000000002', '2026-02-10Z', 40), (1, '2026S', '30000000-0000-4000-8000-000000000003', '2026-02-11Z', 85.5),
  (2, '2026S', '30000000-0000-4000-8000-000000000003', '2026-02-12Z', 0);
INSERT INTO meeting (course_id, term, during, url) VALUES (1, '2026S', '[2026-03-02 17:00Z,2026-03-02 18:30Z)', 'https://meet.example/1');
INSERT INTO attendance VALUES (1, '30000000-0000-4000-8000-000000000002', 88);
INSERT INTO content.module (course_id, position, title) VALUES (1, 1, 'Reading'), (1, 2, 'Writing'), (2, 1, 'Costs');
INSERT INTO content.lesson (module_id, position, title, minutes) VALUES (1, 1, 'Select', 20), (1, 2, 'Join', 35), (2, 1, 'Insert', 15), (3, 1, 'Statistics', NULL);
INSERT INTO content.block VALUES
  (1, 1, 'text', '{"markdown": "# Select"}'), (1, 2, 'code', '{"language": "sql", "lines": ["SELECT 1"]}'), (2, 1, 'video', '{"asset": "a1", "seconds": 600}');
INSERT INTO content.lesson_progress VALUES (1, '30000000-0000-4000-8000-000000000002', 1300, '2026-03-05Z'), (2, '30000000-0000-4000-8000-000000000002', 60, NULL);
INSERT INTO content.note (lesson_id, account_id, body, marks) VALUES (1, '30000000-0000-4000-8000-000000000002', 'Remember', '{"[1,5)","[9,10)"}');
INSERT INTO content.tag VALUES ('beginner'), ('advanced');
INSERT INTO content.course_tag VALUES (1, 'beginner'), (2, 'advanced');
INSERT INTO content.publication (isbn, title, year, prices, metadata) VALUES
  ('978-1', 'Relations', 2019, '{39.90,29.99}', '{"publisher": {"name": "Tree Press"}, "formats": ["pdf", "print"]}'), ('978-2', 'Indexes', 2023, NULL, NULL);
INSERT INTO content.publication_author VALUES ('978-1', '30000000-0000-4000-8000-000000000001', 1), ('978-2', '30000000-0000-4000-8000-000000000001', 1), ('978-2', '30000000-0000-4000-8000-000000000003', 2);
INSERT INTO content.chapter VALUES ('978-1', 1, 'Sets', '[1,30)'), ('978-2', 1, 'Trees', '[1,44)'), ('978-2', 2, 'Hashes', '[44,60)');
INSERT INTO content.citation VALUES ('978-2', 1, '978-1');
INSERT INTO content.reading VALUES (1, '978-1', true), (2, '978-2', true), (2, '978-1', false);
INSERT INTO forum (course_id) VALUES (1);
INSERT INTO topic (forum_id, author_id, title, labels) VALUES (1, '30000000-0000-4000-8000-000000000002', 'Outer joins?', '{question,week-2}');
INSERT INTO post (topic_id, reply_to, author_id, body, posted_at) VALUES
  (1, NULL, '30000000-0000-4000-8000-000000000002', 'How?', '2026-03-06 10:00Z'), (1, 1, '30000000-0000-4000-8000-000000000001', 'LEFT JOIN', '2026-03-06 11:00Z'),
  (1, 2, '30000000-0000-4000-8000-000000000002', 'Thanks', '2026-03-06 12:00Z');
INSERT INTO reaction VALUES (2, '30000000-0000-4000-8000-000000000002', '👍'), (2, '30000000-0000-4000-8000-000000000003', '👍');
INSERT INTO exam.quiz (lesson_id, title, time_limit, pass_percent) VALUES (1, 'Select quiz', '00:20', 50);
INSERT INTO exam.question VALUES (1, 1, '{"text": "Which clause filters?"}', 2), (1, 2, '{"text": "Pick keywords", "multiple": true}', 3);
INSERT INTO exam.choice VALUES
  (1, 1, 'a', 'WHERE', true), (1, 1, 'b', 'ORDER BY', false), (1, 2, 'a', 'SELECT', true), (1, 2, 'b', 'FROM', true), (1, 2, 'c', 'WITHOUT', false);
INSERT INTO exam.attempt (quiz_id, account_id, started_at, submitted_at, score, result) VALUES
  (1, '30000000-0000-4000-8000-000000000002', '2026-03-05 10:00Z', '2026-03-05 10:15Z', 3.5, '(3.50,C)'), (1, '30000000-0000-4000-8000-000000000003', '2026-03-05 11:00Z', '2026-03-05 11:09Z', 5, '(5.00,A)');
INSERT INTO exam.answer VALUES (1, 1, 1, '{a}', 2), (1, 1, 2, '{a}', 1.5), (2, 1, 1, '{a}', 2), (2, 1, 2, '{a,b}', 3);
INSERT INTO exam.assignment (course_id, term, title, due_at, rubric) VALUES (1, '2026S', 'Model a library', '2026-04-01 22:00Z', '{"correctness": 6, "style": 4}');
INSERT INTO exam.submission (assignment_id, account_id, body, files, submitted_at) VALUES
  (1, '30000000-0000-4000-8000-000000000002', 'See files', '{model.sql,readme.md}', '2026-03-30Z'), (1, '30000000-0000-4000-8000-000000000003', NULL, '{}', '2026-03-31Z');
INSERT INTO exam.grade VALUES (1, '30000000-0000-4000-8000-000000000002', '30000000-0000-4000-8000-000000000001', 8.5, 'Good');
INSERT INTO plan VALUES ('free', 'Free', 0, '{"courses": 1}'), ('pro', 'Professional', 12.90, '{"courses": null, "certificates": true}');
INSERT INTO subscription (account_id, plan_code, active) VALUES ('30000000-0000-4000-8000-000000000002', 'pro', '[2026-01-01,2027-01-01)');
INSERT INTO coupon VALUES ('WELCOME', 20, 100, 7);
INSERT INTO payment (subscription_id, coupon_code, amount, provider, paid_at) VALUES (1, 'WELCOME', 10.32, '{"id": "pi_1"}', '2026-01-01 00:05Z');
