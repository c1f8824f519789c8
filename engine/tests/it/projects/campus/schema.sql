-- Courses, publications and examinations of a learning platform.
CREATE SCHEMA content;
CREATE SCHEMA exam;

CREATE TYPE public.member_role AS ENUM ('student', 'tutor', 'lecturer', 'dean');
CREATE TYPE content.block_kind AS ENUM ('text', 'video', 'code', 'quiz');
CREATE TYPE exam.grade_scale AS (points numeric, letter text);
CREATE DOMAIN slug AS text CHECK (value ~ '^[a-z0-9-]+$');
CREATE DOMAIN percentage AS numeric(5, 2) CHECK (value BETWEEN 0 AND 100);

-- People and institutions

CREATE TABLE institution (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  domain_names text[] NOT NULL DEFAULT '{}',
  settings jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE faculty (
  institution_id uuid REFERENCES institution (id) ON DELETE CASCADE,
  code text,
  name text NOT NULL,
  PRIMARY KEY (institution_id, code)
);
CREATE TABLE program (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  institution_id uuid NOT NULL,
  faculty_code text NOT NULL,
  title text NOT NULL,
  credits smallint NOT NULL,
  FOREIGN KEY (institution_id, faculty_code) REFERENCES faculty (institution_id, code)
);
CREATE TABLE account (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email text NOT NULL UNIQUE,
  display_name text NOT NULL,
  roles member_role[] NOT NULL DEFAULT '{student}',
  preferences jsonb NOT NULL DEFAULT '{}',
  invited_by uuid REFERENCES account (id),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE profile (
  account_id uuid PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  biography text,
  avatar bytea,
  links jsonb,
  locale text NOT NULL DEFAULT 'en'
);
CREATE TABLE membership (
  institution_id uuid REFERENCES institution (id) ON DELETE CASCADE,
  account_id uuid REFERENCES account (id) ON DELETE CASCADE,
  role member_role NOT NULL,
  since date NOT NULL,
  PRIMARY KEY (institution_id, account_id)
);
CREATE TABLE follow (
  follower_id uuid REFERENCES account (id) ON DELETE CASCADE,
  followed_id uuid REFERENCES account (id) ON DELETE CASCADE,
  PRIMARY KEY (follower_id, followed_id)
);
CREATE TABLE login_session (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  address inet,
  expires_at timestamptz NOT NULL
);
CREATE TABLE notification (
  id bigserial PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  read_at timestamptz
);

-- Courses

CREATE TABLE subject (id serial PRIMARY KEY, parent_id int REFERENCES subject (id), name text NOT NULL UNIQUE);
CREATE TABLE course_state (value text PRIMARY KEY, comment text);
INSERT INTO course_state VALUES ('draft', 'Visible to its lecturers'), ('open', NULL), ('closed', NULL);
CREATE TABLE course (
  id serial PRIMARY KEY,
  subject_id int REFERENCES subject (id),
  slug slug NOT NULL UNIQUE,
  title text NOT NULL,
  abstract text,
  state text NOT NULL DEFAULT 'draft' REFERENCES course_state (value),
  keywords text[] NOT NULL DEFAULT '{}',
  price numeric(10, 2),
  outline jsonb NOT NULL DEFAULT '[]',
  search_text text GENERATED ALWAYS AS (lower(title || ' ' || coalesce(abstract, ''))) STORED
);
COMMENT ON TABLE course IS 'From the database';
CREATE TABLE course_prerequisite (
  course_id int REFERENCES course (id) ON DELETE CASCADE,
  required_id int REFERENCES course (id),
  PRIMARY KEY (course_id, required_id)
);
CREATE TABLE program_course (
  program_id bigint REFERENCES program (id) ON DELETE CASCADE,
  course_id int REFERENCES course (id),
  semester smallint NOT NULL,
  PRIMARY KEY (program_id, course_id)
);
CREATE TABLE edition (
  course_id int REFERENCES course (id),
  term text,
  institution_id uuid REFERENCES institution (id),
  runs daterange NOT NULL,
  seats int NOT NULL DEFAULT 30,
  weekdays int[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (course_id, term)
);
CREATE TABLE teaching (
  course_id int,
  term text,
  account_id uuid REFERENCES account (id),
  is_lead boolean NOT NULL DEFAULT false,
  PRIMARY KEY (course_id, term, account_id),
  FOREIGN KEY (course_id, term) REFERENCES edition (course_id, term) ON DELETE CASCADE
);
CREATE TABLE enrollment (
  course_id int,
  term text,
  account_id uuid REFERENCES account (id) ON DELETE CASCADE,
  enrolled_at timestamptz NOT NULL DEFAULT now(),
  progress percentage NOT NULL DEFAULT 0,
  answers jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (course_id, term, account_id),
  FOREIGN KEY (course_id, term) REFERENCES edition (course_id, term) ON DELETE CASCADE
);
CREATE TABLE announcement (
  id serial PRIMARY KEY,
  course_id int NOT NULL,
  term text NOT NULL,
  author_id uuid NOT NULL REFERENCES account (id),
  title text NOT NULL,
  body text,
  published_at timestamptz,
  FOREIGN KEY (course_id, term) REFERENCES edition (course_id, term) ON DELETE CASCADE
);
CREATE TABLE meeting (
  id serial PRIMARY KEY,
  course_id int NOT NULL,
  term text NOT NULL,
  during tstzrange NOT NULL,
  url text,
  FOREIGN KEY (course_id, term) REFERENCES edition (course_id, term) ON DELETE CASCADE
);
CREATE TABLE attendance (
  meeting_id int REFERENCES meeting (id) ON DELETE CASCADE,
  account_id uuid REFERENCES account (id) ON DELETE CASCADE,
  minutes smallint NOT NULL,
  PRIMARY KEY (meeting_id, account_id)
);
CREATE TABLE certificate (
  number bigint PRIMARY KEY,
  course_id int NOT NULL,
  term text NOT NULL,
  account_id uuid NOT NULL,
  issued_on date NOT NULL,
  FOREIGN KEY (course_id, term, account_id) REFERENCES enrollment (course_id, term, account_id)
);

-- Content

CREATE TABLE content.module (
  id serial PRIMARY KEY,
  course_id int NOT NULL REFERENCES course (id) ON DELETE CASCADE,
  position smallint NOT NULL,
  title text NOT NULL,
  UNIQUE (course_id, position)
);
CREATE TABLE content.lesson (
  id serial PRIMARY KEY,
  module_id int NOT NULL REFERENCES content.module (id) ON DELETE CASCADE,
  position smallint NOT NULL,
  title text NOT NULL,
  minutes smallint,
  UNIQUE (module_id, position)
);
CREATE TABLE content.block (
  lesson_id int REFERENCES content.lesson (id) ON DELETE CASCADE,
  position smallint,
  kind content.block_kind NOT NULL,
  body jsonb NOT NULL,
  PRIMARY KEY (lesson_id, position)
);
CREATE TABLE content.lesson_progress (
  lesson_id int REFERENCES content.lesson (id) ON DELETE CASCADE,
  account_id uuid REFERENCES account (id) ON DELETE CASCADE,
  seconds int NOT NULL DEFAULT 0,
  finished_at timestamptz,
  PRIMARY KEY (lesson_id, account_id)
);
CREATE TABLE content.note (
  id bigserial PRIMARY KEY,
  lesson_id int NOT NULL REFERENCES content.lesson (id) ON DELETE CASCADE,
  account_id uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  body text NOT NULL,
  marks int4range[]
);
CREATE TABLE content.asset (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner_id uuid REFERENCES account (id),
  name text NOT NULL,
  media_type text NOT NULL,
  bytes bigint NOT NULL,
  checksum bytea
);
CREATE TABLE content.lesson_asset (
  lesson_id int REFERENCES content.lesson (id) ON DELETE CASCADE,
  asset_id uuid REFERENCES content.asset (id),
  PRIMARY KEY (lesson_id, asset_id)
);
CREATE TABLE content.tag (name text PRIMARY KEY);
CREATE TABLE content.course_tag (
  course_id int REFERENCES course (id) ON DELETE CASCADE,
  tag text REFERENCES content.tag (name) ON UPDATE CASCADE,
  PRIMARY KEY (course_id, tag)
);
CREATE TABLE content.publication (
  isbn text PRIMARY KEY,
  title text NOT NULL,
  year smallint,
  prices numeric[],
  metadata json
);
CREATE TABLE content.publication_author (
  isbn text REFERENCES content.publication (isbn) ON DELETE CASCADE,
  account_id uuid REFERENCES account (id),
  position smallint NOT NULL,
  PRIMARY KEY (isbn, account_id)
);
CREATE TABLE content.chapter (
  isbn text REFERENCES content.publication (isbn) ON DELETE CASCADE,
  number smallint,
  title text NOT NULL,
  pages int4range,
  PRIMARY KEY (isbn, number)
);
CREATE TABLE content.citation (
  isbn text,
  chapter_number smallint,
  cited_isbn text REFERENCES content.publication (isbn),
  PRIMARY KEY (isbn, chapter_number, cited_isbn),
  FOREIGN KEY (isbn, chapter_number) REFERENCES content.chapter (isbn, number) ON DELETE CASCADE
);
CREATE TABLE content.reading (
  course_id int REFERENCES course (id) ON DELETE CASCADE,
  isbn text REFERENCES content.publication (isbn),
  is_required boolean NOT NULL DEFAULT true,
  PRIMARY KEY (course_id, isbn)
);
CREATE TABLE content.bookmark (
  account_id uuid REFERENCES account (id) ON DELETE CASCADE,
  lesson_id int REFERENCES content.lesson (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, lesson_id)
);

-- Discussion

CREATE TABLE forum (id serial PRIMARY KEY, course_id int NOT NULL UNIQUE REFERENCES course (id) ON DELETE CASCADE, is_open boolean NOT NULL DEFAULT true);
CREATE TABLE topic (
  id serial PRIMARY KEY,
  forum_id int NOT NULL REFERENCES forum (id) ON DELETE CASCADE,
  author_id uuid NOT NULL REFERENCES account (id),
  title text NOT NULL,
  labels text[] NOT NULL DEFAULT '{}'
);
CREATE TABLE post (
  id bigserial PRIMARY KEY,
  topic_id int NOT NULL REFERENCES topic (id) ON DELETE CASCADE,
  reply_to bigint REFERENCES post (id) ON DELETE CASCADE,
  author_id uuid NOT NULL REFERENCES account (id),
  body text NOT NULL,
  edits jsonb NOT NULL DEFAULT '[]',
  posted_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE reaction (
  post_id bigint REFERENCES post (id) ON DELETE CASCADE,
  account_id uuid REFERENCES account (id) ON DELETE CASCADE,
  emoji text,
  PRIMARY KEY (post_id, account_id, emoji)
);
CREATE TABLE report (
  id serial PRIMARY KEY,
  post_id bigint NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  reporter_id uuid REFERENCES account (id),
  reason text NOT NULL,
  resolved_by uuid REFERENCES account (id)
);

-- Examinations

CREATE TABLE exam.quiz (
  id serial PRIMARY KEY,
  lesson_id int REFERENCES content.lesson (id),
  title text NOT NULL,
  time_limit interval,
  pass_percent percentage NOT NULL DEFAULT 60
);
CREATE TABLE exam.question (
  quiz_id int REFERENCES exam.quiz (id) ON DELETE CASCADE,
  number smallint,
  prompt jsonb NOT NULL,
  points numeric NOT NULL DEFAULT 1,
  PRIMARY KEY (quiz_id, number)
);
CREATE TABLE exam.choice (
  quiz_id int,
  question_number smallint,
  letter char(1),
  label text NOT NULL,
  is_correct boolean NOT NULL,
  PRIMARY KEY (quiz_id, question_number, letter),
  FOREIGN KEY (quiz_id, question_number) REFERENCES exam.question (quiz_id, number) ON DELETE CASCADE
);
CREATE TABLE exam.attempt (
  id bigserial PRIMARY KEY,
  quiz_id int NOT NULL REFERENCES exam.quiz (id),
  account_id uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  started_at timestamptz NOT NULL,
  submitted_at timestamptz,
  score float8,
  result exam.grade_scale
);
CREATE TABLE exam.answer (
  attempt_id bigint REFERENCES exam.attempt (id) ON DELETE CASCADE,
  quiz_id int,
  question_number smallint,
  letters text[] NOT NULL,
  points numeric,
  PRIMARY KEY (attempt_id, quiz_id, question_number),
  FOREIGN KEY (quiz_id, question_number) REFERENCES exam.question (quiz_id, number)
);
CREATE TABLE exam.assignment (
  id serial PRIMARY KEY,
  course_id int NOT NULL,
  term text NOT NULL,
  title text NOT NULL,
  due_at timestamptz,
  rubric jsonb NOT NULL DEFAULT '{}',
  FOREIGN KEY (course_id, term) REFERENCES edition (course_id, term)
);
CREATE TABLE exam.submission (
  assignment_id int REFERENCES exam.assignment (id) ON DELETE CASCADE,
  account_id uuid REFERENCES account (id) ON DELETE CASCADE,
  revision int NOT NULL DEFAULT 1,
  body text,
  files text[] NOT NULL DEFAULT '{}',
  submitted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (assignment_id, account_id)
);
CREATE TABLE exam.grade (
  assignment_id int,
  account_id uuid,
  grader_id uuid NOT NULL REFERENCES account (id),
  points numeric NOT NULL,
  comment text,
  PRIMARY KEY (assignment_id, account_id),
  FOREIGN KEY (assignment_id, account_id) REFERENCES exam.submission (assignment_id, account_id) ON DELETE CASCADE
);
CREATE TABLE exam.peer_review (
  assignment_id int,
  author_id uuid,
  reviewer_id uuid REFERENCES account (id),
  scores int[] NOT NULL,
  PRIMARY KEY (assignment_id, author_id, reviewer_id),
  FOREIGN KEY (assignment_id, author_id) REFERENCES exam.submission (assignment_id, account_id) ON DELETE CASCADE
);

-- Payments

CREATE TABLE plan (code text PRIMARY KEY, title text NOT NULL, monthly_price numeric(8, 2) NOT NULL, features jsonb);
CREATE TABLE subscription (
  id bigserial PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  plan_code text NOT NULL REFERENCES plan (code),
  active daterange NOT NULL
);
CREATE TABLE coupon (code text PRIMARY KEY, percent smallint NOT NULL, max_uses int, used int NOT NULL DEFAULT 0);
CREATE TABLE payment (
  id bigserial PRIMARY KEY,
  subscription_id bigint REFERENCES subscription (id),
  coupon_code text REFERENCES coupon (code),
  amount numeric(10, 2) NOT NULL,
  provider json,
  paid_at timestamptz
);

-- Views and functions

CREATE VIEW open_course AS SELECT id, slug, title, keywords, price FROM course WHERE state = 'open';
CREATE VIEW course_statistics AS
  SELECT c.id AS course_id, count(e.account_id) AS students, avg(e.progress) AS average_progress
  FROM course c LEFT JOIN enrollment e ON e.course_id = c.id GROUP BY c.id;
CREATE FUNCTION search_courses(query text) RETURNS SETOF course LANGUAGE sql STABLE AS
  $$ SELECT * FROM course WHERE search_text LIKE '%' || lower(query) || '%' $$;
CREATE FUNCTION account_initials(member account) RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT string_agg(left(word, 1), '') FROM regexp_split_to_table(member.display_name, ' ') word $$;
CREATE FUNCTION lesson_finished_by_me(lesson content.lesson, hasura_session json) RETURNS boolean LANGUAGE sql STABLE AS
  $$ SELECT EXISTS (SELECT FROM content.lesson_progress p WHERE p.lesson_id = lesson.id AND p.finished_at IS NOT NULL
                    AND p.account_id = (hasura_session ->> 'x-hasura-user-id')::uuid) $$;
CREATE FUNCTION close_course(wanted int) RETURNS SETOF course LANGUAGE sql VOLATILE AS
  $$ UPDATE course SET state = 'closed' WHERE id = wanted RETURNING * $$;
