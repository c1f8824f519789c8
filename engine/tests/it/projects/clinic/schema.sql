-- Appointments, records and invoices of a group of clinics.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE SCHEMA billing;

CREATE TYPE room_kind AS ENUM ('consultation', 'treatment', 'theatre', 'laboratory');
CREATE TYPE absence_reason AS ENUM ('holiday', 'illness', 'training');
CREATE TYPE certainty AS ENUM ('suspected', 'confirmed', 'excluded');
CREATE DOMAIN email_address AS text CHECK (value LIKE '%_@_%');
CREATE DOMAIN money_amount AS numeric(12, 2) CHECK (value >= 0);

-- Organization and premises

CREATE TABLE country (code char(2) PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE language (code text PRIMARY KEY, name text NOT NULL);
CREATE TABLE organization (
  id serial PRIMARY KEY,
  name text NOT NULL UNIQUE,
  country_code char(2) NOT NULL REFERENCES country (code),
  settings jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE site (
  id serial PRIMARY KEY,
  organization_id int NOT NULL REFERENCES organization (id),
  name text NOT NULL,
  address jsonb,
  time_zone text NOT NULL DEFAULT 'Europe/Vienna',
  opening_days int[] NOT NULL DEFAULT '{1,2,3,4,5}',
  UNIQUE (organization_id, name)
);
CREATE TABLE building (
  id serial PRIMARY KEY,
  site_id int NOT NULL REFERENCES site (id) ON DELETE CASCADE,
  name text NOT NULL,
  floors smallint NOT NULL DEFAULT 1
);
CREATE TABLE room (
  site_id int REFERENCES site (id),
  number text,
  building_id int REFERENCES building (id),
  kind room_kind NOT NULL DEFAULT 'consultation',
  capacity smallint NOT NULL DEFAULT 2 CHECK (capacity > 0),
  equipment text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (site_id, number)
);
CREATE TABLE department (
  id serial PRIMARY KEY,
  site_id int NOT NULL REFERENCES site (id),
  parent_id int REFERENCES department (id),
  name text NOT NULL,
  cost_center text
);

-- Staff

CREATE TABLE specialty (
  id serial PRIMARY KEY,
  name text NOT NULL UNIQUE,
  chapters text[] NOT NULL DEFAULT '{}'
);
CREATE TABLE staff_member (
  id serial PRIMARY KEY,
  organization_id int NOT NULL REFERENCES organization (id),
  manager_id int REFERENCES staff_member (id),
  email email_address NOT NULL UNIQUE,
  given_name text NOT NULL,
  family_name text NOT NULL,
  full_name text GENERATED ALWAYS AS (given_name || ' ' || family_name) STORED,
  hired_on date,
  languages text[],
  profile jsonb
);
CREATE TABLE clinician (
  staff_id int PRIMARY KEY REFERENCES staff_member (id),
  license_number text NOT NULL UNIQUE,
  consultation_minutes smallint NOT NULL DEFAULT 20,
  hourly_rate money_amount
);
CREATE TABLE clinician_specialty (
  clinician_id int REFERENCES clinician (staff_id) ON DELETE CASCADE,
  specialty_id int REFERENCES specialty (id),
  certified_on date,
  is_primary boolean NOT NULL DEFAULT false,
  PRIMARY KEY (clinician_id, specialty_id)
);
CREATE TABLE clinician_department (
  clinician_id int REFERENCES clinician (staff_id) ON DELETE CASCADE,
  department_id int REFERENCES department (id),
  since date NOT NULL,
  PRIMARY KEY (clinician_id, department_id)
);
CREATE TABLE shift_template (
  id serial PRIMARY KEY,
  department_id int NOT NULL REFERENCES department (id),
  name text NOT NULL,
  weekdays int[] NOT NULL,
  starts_at time NOT NULL,
  ends_at time NOT NULL
);
CREATE TABLE shift (
  id serial PRIMARY KEY,
  clinician_id int NOT NULL REFERENCES clinician (staff_id),
  template_id int REFERENCES shift_template (id),
  site_id int NOT NULL,
  room_number text NOT NULL,
  during tstzrange NOT NULL,
  FOREIGN KEY (site_id, room_number) REFERENCES room (site_id, number),
  EXCLUDE USING gist (clinician_id WITH =, during WITH &&)
);
CREATE TABLE absence (
  id serial PRIMARY KEY,
  staff_id int NOT NULL REFERENCES staff_member (id),
  approved_by int REFERENCES staff_member (id),
  reason absence_reason NOT NULL,
  during daterange NOT NULL
);

-- Patients

CREATE TABLE patient (
  id uuid PRIMARY KEY DEFAULT public.gen_random_uuid(),
  organization_id int NOT NULL REFERENCES organization (id),
  record_number bigint NOT NULL UNIQUE,
  given_name text NOT NULL,
  family_name text NOT NULL,
  born_on date,
  guardian_id uuid REFERENCES patient (id),
  primary_clinician_id int REFERENCES clinician (staff_id),
  contact jsonb NOT NULL DEFAULT '{}',
  allergies text[] NOT NULL DEFAULT '{}',
  archived_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE patient_address (
  patient_id uuid REFERENCES patient (id) ON DELETE CASCADE,
  kind text CHECK (kind IN ('home', 'work', 'billing')),
  country_code char(2) NOT NULL REFERENCES country (code),
  street text NOT NULL,
  city text NOT NULL,
  postal_code text,
  PRIMARY KEY (patient_id, kind)
);
CREATE TABLE emergency_contact (
  id serial PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES patient (id) ON DELETE CASCADE,
  name text NOT NULL,
  relation text,
  phone text NOT NULL,
  priority smallint NOT NULL DEFAULT 1,
  UNIQUE (patient_id, priority)
);
CREATE TABLE insurer (
  id serial PRIMARY KEY,
  name text NOT NULL UNIQUE,
  payer_code varchar(12) NOT NULL,
  rules jsonb
);
CREATE TABLE insurance_plan (
  insurer_id int REFERENCES insurer (id),
  code text,
  name text NOT NULL,
  coverage numeric(4, 3) NOT NULL CHECK (coverage BETWEEN 0 AND 1),
  PRIMARY KEY (insurer_id, code)
);
CREATE TABLE patient_insurance (
  id serial PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES patient (id) ON DELETE CASCADE,
  insurer_id int NOT NULL,
  plan_code text NOT NULL,
  member_number text NOT NULL,
  valid daterange NOT NULL,
  FOREIGN KEY (insurer_id, plan_code) REFERENCES insurance_plan (insurer_id, code),
  EXCLUDE USING gist (patient_id WITH =, insurer_id WITH =, valid WITH &&)
);
CREATE TABLE consent_document (
  id serial PRIMARY KEY,
  kind text NOT NULL,
  version int NOT NULL,
  body text NOT NULL,
  UNIQUE (kind, version)
);
CREATE TABLE patient_consent (
  patient_id uuid REFERENCES patient (id) ON DELETE CASCADE,
  document_id int REFERENCES consent_document (id),
  signed_at timestamptz NOT NULL,
  address inet,
  PRIMARY KEY (patient_id, document_id)
);
CREATE TABLE referral (
  id serial PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES patient (id),
  from_clinician_id int REFERENCES clinician (staff_id),
  to_department_id int NOT NULL REFERENCES department (id),
  reason text NOT NULL,
  urgency int NOT NULL DEFAULT 3,
  referred_on date NOT NULL
);

-- Appointments

CREATE TABLE appointment_kind (
  code text PRIMARY KEY,
  label text NOT NULL,
  default_minutes smallint NOT NULL,
  color char(7)
);
CREATE TABLE appointment_status (value text PRIMARY KEY, comment text);
CREATE TABLE appointment_series (
  id serial PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES patient (id),
  rule jsonb NOT NULL,
  occurrences int NOT NULL
);
CREATE TABLE appointment (
  id serial PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES patient (id),
  clinician_id int NOT NULL REFERENCES clinician (staff_id),
  kind_code text NOT NULL REFERENCES appointment_kind (code),
  status text NOT NULL DEFAULT 'booked' REFERENCES appointment_status (value),
  series_id int REFERENCES appointment_series (id),
  referral_id int REFERENCES referral (id),
  site_id int,
  room_number text,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
  notes jsonb NOT NULL DEFAULT '{}',
  reminders_sent int NOT NULL DEFAULT 0,
  FOREIGN KEY (site_id, room_number) REFERENCES room (site_id, number)
);
CREATE TABLE appointment_participant (
  appointment_id int REFERENCES appointment (id) ON DELETE CASCADE,
  staff_id int REFERENCES staff_member (id),
  role text NOT NULL,
  PRIMARY KEY (appointment_id, staff_id)
);
CREATE TABLE appointment_change (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  appointment_id int NOT NULL REFERENCES appointment (id) ON DELETE CASCADE,
  field text NOT NULL,
  old_value json,
  new_value json,
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE waiting_list_entry (
  id serial PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES patient (id),
  department_id int NOT NULL REFERENCES department (id),
  requested_on date NOT NULL,
  priority smallint NOT NULL DEFAULT 5,
  preferences jsonb
);
CREATE TABLE check_in (
  appointment_id int PRIMARY KEY REFERENCES appointment (id) ON DELETE CASCADE,
  arrived_at timestamptz NOT NULL,
  desk text
);

-- Encounters

CREATE TABLE encounter (
  id serial PRIMARY KEY,
  appointment_id int UNIQUE REFERENCES appointment (id),
  patient_id uuid NOT NULL REFERENCES patient (id),
  clinician_id int NOT NULL REFERENCES clinician (staff_id),
  started_at timestamptz NOT NULL,
  closed_at timestamptz,
  summary text
);
CREATE TABLE diagnosis_code (code text PRIMARY KEY, title text NOT NULL, chapter text NOT NULL);
CREATE TABLE encounter_diagnosis (
  encounter_id int REFERENCES encounter (id) ON DELETE CASCADE,
  code text REFERENCES diagnosis_code (code),
  rank smallint NOT NULL DEFAULT 1,
  certainty certainty NOT NULL,
  PRIMARY KEY (encounter_id, code)
);
CREATE TABLE procedure_code (code text PRIMARY KEY, title text NOT NULL, base_price money_amount NOT NULL);
CREATE TABLE encounter_procedure (
  id serial PRIMARY KEY,
  encounter_id int NOT NULL REFERENCES encounter (id) ON DELETE CASCADE,
  code text NOT NULL REFERENCES procedure_code (code),
  performed_by int REFERENCES clinician (staff_id),
  quantity int NOT NULL DEFAULT 1,
  price money_amount NOT NULL
);
CREATE TABLE observation_type (
  id serial PRIMARY KEY,
  name text NOT NULL UNIQUE,
  unit text NOT NULL,
  reference numrange
);
CREATE TABLE observation (
  id bigserial PRIMARY KEY,
  encounter_id int NOT NULL REFERENCES encounter (id) ON DELETE CASCADE,
  type_id int NOT NULL REFERENCES observation_type (id),
  value numeric,
  text_value text,
  observed_at timestamptz NOT NULL,
  raw json
);
CREATE TABLE vital_sign (
  patient_id uuid NOT NULL REFERENCES patient (id),
  measured_at timestamptz NOT NULL,
  kind text NOT NULL,
  value float8 NOT NULL,
  PRIMARY KEY (patient_id, measured_at, kind)
) PARTITION BY RANGE (measured_at);
CREATE TABLE vital_sign_2025 PARTITION OF vital_sign FOR VALUES FROM ('2025-01-01Z') TO ('2026-01-01Z');
CREATE TABLE vital_sign_2026 PARTITION OF vital_sign FOR VALUES FROM ('2026-01-01Z') TO ('2027-01-01Z');
CREATE TABLE medication (
  id serial PRIMARY KEY,
  name text NOT NULL UNIQUE,
  forms text[] NOT NULL,
  strength_mg numeric
);
CREATE TABLE prescription (
  id serial PRIMARY KEY,
  encounter_id int NOT NULL REFERENCES encounter (id),
  patient_id uuid NOT NULL REFERENCES patient (id),
  medication_id int NOT NULL REFERENCES medication (id),
  dose text NOT NULL,
  every interval NOT NULL,
  starts_on date NOT NULL,
  refills smallint NOT NULL DEFAULT 0,
  instructions jsonb
);
CREATE TABLE prescription_refill (
  prescription_id int REFERENCES prescription (id) ON DELETE CASCADE,
  number smallint,
  requested_at timestamptz NOT NULL,
  approved_by int REFERENCES clinician (staff_id),
  PRIMARY KEY (prescription_id, number)
);
CREATE TABLE dispensation (
  id serial PRIMARY KEY,
  prescription_id int NOT NULL,
  refill_number smallint NOT NULL,
  quantity int NOT NULL,
  dispensed_at timestamptz NOT NULL,
  FOREIGN KEY (prescription_id, refill_number) REFERENCES prescription_refill (prescription_id, number)
);
CREATE TABLE laboratory (id serial PRIMARY KEY, name text NOT NULL UNIQUE, endpoint jsonb);
CREATE TABLE lab_order (
  id serial PRIMARY KEY,
  encounter_id int NOT NULL REFERENCES encounter (id),
  laboratory_id int NOT NULL REFERENCES laboratory (id),
  tests text[] NOT NULL,
  status text NOT NULL DEFAULT 'ordered',
  ordered_at timestamptz NOT NULL
);
CREATE TABLE lab_result (
  order_id int REFERENCES lab_order (id) ON DELETE CASCADE,
  test text,
  value numeric,
  flag char(1),
  document json,
  reported_at timestamptz NOT NULL,
  PRIMARY KEY (order_id, test)
);
CREATE TABLE care_plan (
  id serial PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES patient (id),
  title text NOT NULL,
  goals jsonb NOT NULL DEFAULT '[]'
);
CREATE TABLE care_plan_task (
  id serial PRIMARY KEY,
  plan_id int NOT NULL REFERENCES care_plan (id) ON DELETE CASCADE,
  parent_id int REFERENCES care_plan_task (id),
  assignee_id int REFERENCES staff_member (id),
  title text NOT NULL,
  due_on date,
  done boolean NOT NULL DEFAULT false
);

-- Correspondence

CREATE TABLE message_thread (
  id serial PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES patient (id),
  opened_by int REFERENCES staff_member (id),
  subject text NOT NULL
);
CREATE TABLE message (
  id serial PRIMARY KEY,
  thread_id int NOT NULL REFERENCES message_thread (id) ON DELETE CASCADE,
  author_id int REFERENCES staff_member (id),
  body text NOT NULL,
  attachments jsonb NOT NULL DEFAULT '[]',
  sent_at timestamptz NOT NULL
);
CREATE TABLE attachment (
  id uuid PRIMARY KEY DEFAULT public.gen_random_uuid(),
  patient_id uuid NOT NULL REFERENCES patient (id),
  file_name text NOT NULL,
  media_type text NOT NULL,
  content bytea,
  size_bytes bigint
);
CREATE TABLE audit_entry (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  staff_id int REFERENCES staff_member (id),
  action text NOT NULL,
  target text NOT NULL,
  details jsonb,
  at timestamptz NOT NULL DEFAULT now()
);

-- Invoices

CREATE TABLE billing.price_list (
  id serial PRIMARY KEY,
  insurer_id int REFERENCES insurer (id),
  name text NOT NULL,
  valid_from date NOT NULL
);
CREATE TABLE billing.price_list_item (
  price_list_id int REFERENCES billing.price_list (id) ON DELETE CASCADE,
  procedure_code text REFERENCES procedure_code (code),
  price money_amount NOT NULL,
  PRIMARY KEY (price_list_id, procedure_code)
);
CREATE TABLE billing.invoice (
  id serial PRIMARY KEY,
  patient_id uuid NOT NULL REFERENCES patient (id),
  encounter_id int REFERENCES encounter (id),
  insurer_id int REFERENCES insurer (id),
  number text NOT NULL UNIQUE,
  status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'sent', 'paid', 'cancelled')),
  issued_on date,
  metadata jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE billing.invoice_line (
  invoice_id int REFERENCES billing.invoice (id) ON DELETE CASCADE,
  position smallint,
  procedure_code text REFERENCES procedure_code (code),
  quantity int NOT NULL DEFAULT 1,
  unit_price money_amount NOT NULL,
  amount numeric GENERATED ALWAYS AS (quantity * unit_price) STORED,
  PRIMARY KEY (invoice_id, position)
);
CREATE TABLE billing.payment (
  id serial PRIMARY KEY,
  invoice_id int NOT NULL REFERENCES billing.invoice (id),
  method text NOT NULL,
  amount money_amount NOT NULL,
  reference jsonb,
  received_at timestamptz NOT NULL
);

-- Views and functions

CREATE VIEW active_patient AS
  SELECT id, organization_id, record_number, given_name, family_name, born_on, contact, primary_clinician_id
  FROM patient WHERE archived_at IS NULL;
CREATE VIEW daily_schedule AS
  SELECT clinician_id, (starts_at AT TIME ZONE 'UTC')::date AS day, count(*) AS appointments,
         min(starts_at) AS first_at, max(ends_at) AS last_at
  FROM appointment GROUP BY 1, 2;
CREATE MATERIALIZED VIEW billing.revenue_by_month AS
  SELECT date_trunc('month', i.issued_on)::date AS month, sum(l.amount) AS total
  FROM billing.invoice i JOIN billing.invoice_line l ON l.invoice_id = i.id GROUP BY 1;
CREATE FUNCTION search_patient(term text) RETURNS SETOF patient LANGUAGE sql STABLE AS
  $$ SELECT * FROM patient WHERE family_name ILIKE '%' || term || '%' OR given_name ILIKE '%' || term || '%' $$;
CREATE FUNCTION billing.overdue_invoice(days int) RETURNS SETOF billing.invoice LANGUAGE sql STABLE AS
  $$ SELECT * FROM billing.invoice WHERE status = 'sent' AND issued_on < current_date - days $$;
