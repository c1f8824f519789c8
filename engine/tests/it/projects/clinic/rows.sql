INSERT INTO country VALUES ('AT', 'Austria'), ('DE', 'Germany');
INSERT INTO language VALUES ('de', 'German'), ('en', 'English'), ('tr', 'Turkish');
INSERT INTO organization (name, country_code, settings) VALUES ('Danube Clinics', 'AT', '{"booking": {"lead_hours": 4}}');
INSERT INTO site (organization_id, name, address) VALUES
  (1, 'City', '{"street": "Ring 1", "postal_code": "1010"}'), (1, 'North', NULL);
INSERT INTO building (site_id, name, floors) VALUES (1, 'Main', 4), (2, 'Annex', 2);
INSERT INTO room VALUES
  (1, 'A-101', 1, 'consultation', 3, '{ultrasound,scale}'), (1, 'A-102', 1, 'treatment', 2, '{scale}'),
  (2, 'A-101', 2, 'consultation', 2, '{}');
INSERT INTO department (site_id, parent_id, name, cost_center) VALUES
  (1, NULL, 'Medicine', 'M'), (1, 1, 'Cardiology', 'M-1'), (1, 1, 'Dermatology', 'M-2');
INSERT INTO specialty (name, chapters) VALUES ('Cardiology', '{IX}'), ('Dermatology', '{XII}'), ('Sports medicine', '{XIII,XIX}');
INSERT INTO staff_member (organization_id, manager_id, email, given_name, family_name, hired_on, languages, profile) VALUES
  (1, NULL, 'eva.lang@clinic.example', 'Eva', 'Lang', '2015-03-01', '{de,en}', '{"title": "Dr.", "phone": {"mobile": "+43 1"}}'),
  (1, 1, 'omar.aziz@clinic.example', 'Omar', 'Aziz', '2019-09-15', '{de,tr}', '{"title": "Dr."}'),
  (1, 1, 'mia.hofer@clinic.example', 'Mia', 'Hofer', '2021-01-10', '{de}', NULL);
INSERT INTO clinician VALUES (1, 'L-1001', 30, 180.00), (2, 'L-1002', 15, 140.50);
INSERT INTO clinician_specialty VALUES (1, 1, '2012-06-01', true), (1, 3, '2018-06-01', false), (2, 2, '2017-02-01', true);
INSERT INTO clinician_department VALUES (1, 2, '2015-03-01'), (2, 3, '2019-09-15');
INSERT INTO shift_template (department_id, name, weekdays, starts_at, ends_at) VALUES
  (2, 'Morning', '{1,3,5}', '08:00', '13:00'), (3, 'Long day', '{2,4}', '08:00', '18:00');
INSERT INTO shift (clinician_id, template_id, site_id, room_number, during) VALUES
  (1, 1, 1, 'A-101', '[2026-03-02 08:00Z,2026-03-02 13:00Z)'), (2, 2, 1, 'A-102', '[2026-03-03 08:00Z,2026-03-03 18:00Z)');
INSERT INTO absence (staff_id, approved_by, reason, during) VALUES (2, 1, 'training', '[2026-04-01,2026-04-04)');
INSERT INTO patient (id, organization_id, record_number, given_name, family_name, born_on, guardian_id, primary_clinician_id, contact, allergies, created_at) VALUES
  ('00000000-0000-4000-8000-000000000001', 1, 9007199254740993, 'Ida', 'Berger', '1980-05-17', NULL, 1,
   '{"phones": ["+43 660 1"], "email": "ida@mail.example", "prefers": "sms"}', '{penicillin,latex}', '2024-01-01Z'),
  ('00000000-0000-4000-8000-000000000002', 1, 1002, 'Paul', 'Berger', '2014-11-03', '00000000-0000-4000-8000-000000000001', 2,
   '{}', '{}', '2024-01-02Z'),
  ('00000000-0000-4000-8000-000000000003', 1, 1003, 'Sofia', 'Novak', '1955-01-30', NULL, 1, '{"prefers": "letter"}', '{latex}', '2024-01-03Z');
INSERT INTO patient_address VALUES
  ('00000000-0000-4000-8000-000000000001', 'home', 'AT', 'Gasse 5', 'Wien', '1020'),
  ('00000000-0000-4000-8000-000000000001', 'work', 'AT', 'Platz 2', 'Wien', '1010');
INSERT INTO emergency_contact (patient_id, name, relation, phone) VALUES ('00000000-0000-4000-8000-000000000001', 'Jan Berger', 'husband', '+43 660 2');
INSERT INTO insurer (name, payer_code, rules) VALUES ('Alpine Mutual', 'ALP', '{"preauthorize": ["P-900"]}'), ('City Fund', 'CTY', NULL);
INSERT INTO insurance_plan VALUES (1, 'BASIC', 'Basic', 0.800), (1, 'PLUS', 'Plus', 0.950), (2, 'BASIC', 'Standard', 0.750);
INSERT INTO patient_insurance (patient_id, insurer_id, plan_code, member_number, valid) VALUES
  ('00000000-0000-4000-8000-000000000001', 1, 'PLUS', 'M-77', '[2025-01-01,)'),
  ('00000000-0000-4000-8000-000000000003', 2, 'BASIC', 'M-78', '[2025-01-01,2026-01-01)');
INSERT INTO consent_document (kind, version, body) VALUES ('privacy', 1, 'First'), ('privacy', 2, 'Second'), ('research', 1, 'Study');
INSERT INTO patient_consent VALUES ('00000000-0000-4000-8000-000000000001', 2, '2025-02-01 09:00Z', '10.0.0.7');
INSERT INTO referral (patient_id, from_clinician_id, to_department_id, reason, urgency, referred_on) VALUES
  ('00000000-0000-4000-8000-000000000001', 2, 2, 'Murmur', 2, '2026-02-20');
INSERT INTO appointment_kind VALUES ('first', 'First visit', 30, '#336699'), ('control', 'Control', 15, '#99cc00');
INSERT INTO appointment_status VALUES ('booked', 'Confirmed by the clinic'), ('arrived', NULL), ('cancelled', 'By either side'), ('done', NULL);
INSERT INTO appointment (patient_id, clinician_id, kind_code, status, referral_id, site_id, room_number, starts_at, ends_at, notes) VALUES
  ('00000000-0000-4000-8000-000000000001', 1, 'first', 'done', 1, 1, 'A-101', '2026-03-02 08:00Z', '2026-03-02 08:30Z', '{"fasting": true}'),
  ('00000000-0000-4000-8000-000000000001', 1, 'control', 'booked', NULL, 1, 'A-101', '2026-03-09 08:00Z', '2026-03-09 08:15Z', '{}'),
  ('00000000-0000-4000-8000-000000000003', 1, 'control', 'booked', NULL, 1, 'A-101', '2026-03-02 09:00Z', '2026-03-02 09:15Z', '{"interpreter": "hr"}'),
  ('00000000-0000-4000-8000-000000000002', 2, 'first', 'cancelled', NULL, NULL, NULL, '2026-03-03 10:00Z', '2026-03-03 10:30Z', '{}');
INSERT INTO appointment_participant VALUES (1, 3, 'assistant'), (3, 3, 'assistant');
INSERT INTO encounter (appointment_id, patient_id, clinician_id, started_at, closed_at, summary) VALUES
  (1, '00000000-0000-4000-8000-000000000001', 1, '2026-03-02 08:02Z', '2026-03-02 08:28Z', 'Stable');
INSERT INTO diagnosis_code VALUES ('I10', 'Essential hypertension', 'IX'), ('L20', 'Atopic dermatitis', 'XII'), ('R01', 'Cardiac murmurs', 'XVIII');
INSERT INTO encounter_diagnosis VALUES (1, 'I10', 1, 'confirmed'), (1, 'R01', 2, 'suspected');
INSERT INTO procedure_code VALUES ('P-100', 'Consultation', 80.00), ('P-210', 'Electrocardiogram', 45.50), ('P-900', 'Catheter', 2400.00);
INSERT INTO encounter_procedure (encounter_id, code, performed_by, quantity, price) VALUES (1, 'P-100', 1, 1, 80.00), (1, 'P-210', 1, 2, 45.50);
INSERT INTO observation_type (name, unit, reference) VALUES ('Heart rate', '1/min', '[50,90]'), ('Potassium', 'mmol/l', '[3.5,5.1]');
INSERT INTO observation (encounter_id, type_id, value, observed_at, raw) VALUES
  (1, 1, 72, '2026-03-02 08:05Z', '{"b": 1, "a": 2}'), (1, 2, 4.25, '2026-03-02 08:06Z', NULL), (1, 1, 75, '2026-03-02 08:20Z', NULL);
INSERT INTO vital_sign VALUES
  ('00000000-0000-4000-8000-000000000001', '2025-12-31 10:00Z', 'weight', 68.5), ('00000000-0000-4000-8000-000000000001', '2026-03-02 08:03Z', 'weight', 67.9);
INSERT INTO medication (name, forms, strength_mg) VALUES ('Ramipril', '{tablet}', 2.5), ('Hydrocortisone', '{cream,ointment}', 10);
INSERT INTO prescription (encounter_id, patient_id, medication_id, dose, every, starts_on, refills, instructions) VALUES
  (1, '00000000-0000-4000-8000-000000000001', 1, '1 tablet', '1 day', '2026-03-02', 2, '{"with_food": false}');
INSERT INTO prescription_refill VALUES (1, 1, '2026-04-01 07:00Z', 1);
INSERT INTO dispensation (prescription_id, refill_number, quantity, dispensed_at) VALUES (1, 1, 30, '2026-04-02 12:00Z');
INSERT INTO laboratory (name, endpoint) VALUES ('Central lab', '{"url": "https://lab.example", "protocol": "hl7"}');
INSERT INTO lab_order (encounter_id, laboratory_id, tests, status, ordered_at) VALUES (1, 1, '{CRP,K}', 'reported', '2026-03-02 08:25Z');
INSERT INTO lab_result VALUES (1, 'CRP', 0.3, 'N', NULL, '2026-03-02 15:00Z'), (1, 'K', 5.4, 'H', '{"method": "ISE"}', '2026-03-02 15:00Z');
INSERT INTO care_plan (patient_id, title, goals) VALUES ('00000000-0000-4000-8000-000000000001', 'Blood pressure', '[{"systolic": 130}]');
INSERT INTO care_plan_task (plan_id, parent_id, assignee_id, title, due_on) VALUES
  (1, NULL, 1, 'Measure daily', '2026-03-31'), (1, 1, 3, 'Hand out cuff', '2026-03-03');
INSERT INTO message_thread (patient_id, opened_by, subject) VALUES ('00000000-0000-4000-8000-000000000001', 1, 'Result');
INSERT INTO message (thread_id, author_id, body, sent_at) VALUES (1, 1, 'All good', '2026-03-02 16:00Z');
INSERT INTO attachment VALUES ('00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-000000000001', 'ecg.pdf', 'application/pdf', '\x25504446', 4);
INSERT INTO billing.price_list (insurer_id, name, valid_from) VALUES (1, 'Alpine 2026', '2026-01-01');
INSERT INTO billing.price_list_item VALUES (1, 'P-100', 75.00), (1, 'P-210', 40.00);
INSERT INTO billing.invoice (patient_id, encounter_id, insurer_id, number, status, issued_on) VALUES
  ('00000000-0000-4000-8000-000000000001', 1, 1, 'INV-1', 'sent', '2026-03-05');
INSERT INTO billing.invoice_line (invoice_id, position, procedure_code, quantity, unit_price) VALUES (1, 1, 'P-100', 1, 75.00), (1, 2, 'P-210', 2, 40.00);
INSERT INTO billing.payment (invoice_id, method, amount, reference, received_at) VALUES (1, 'transfer', 100.00, '{"iban": "AT61"}', '2026-03-20 10:00Z');
REFRESH MATERIALIZED VIEW billing.revenue_by_month;
