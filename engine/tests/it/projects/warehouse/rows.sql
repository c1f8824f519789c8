INSERT INTO catalog.currency VALUES ('EUR', 'Euro', 2), ('USD', 'US dollar', 2), ('JPY', 'Yen', 0);
INSERT INTO catalog.exchange_rate VALUES ('EUR', 'USD', '2026-01-02', 1.084500000), ('EUR', 'JPY', '2026-01-02', 163.250000001);
INSERT INTO catalog.tax_class VALUES ('standard', 0.2000), ('reduced', 0.1000);
INSERT INTO catalog.unit VALUES ('pc', 'Piece'), ('box', 'Box of 12');
INSERT INTO catalog.brand (name, website) VALUES ('Nordwind', 'https://nordwind.example'), ('ACME', NULL);
INSERT INTO catalog.category (parent_id, name, path) VALUES
  (NULL, 'Tools', 'tools'), (1, 'Power tools', 'tools.power'), (2, 'Drills', 'tools.power.drills'), (NULL, 'Safety', 'safety');
INSERT INTO catalog.attribute (category_id, code, kind, choices) VALUES (3, 'Voltage', 'enum', '{12V,18V}'), (4, 'Size', 'enum', '{S,M,L}');
INSERT INTO catalog.product (brand_id, category_id, sku, name, attributes, tags, weight_grams, list_price, updated_at) VALUES
  (1, 3, 'DR-18', 'Cordless drill', '{"voltage": 18, "battery": {"ah": 4.0, "cells": 5}, "colors": ["blue", "grey"]}', '{cordless,bestseller}', 1650, 149.90, '2026-01-01Z'),
  (1, 3, 'dr-12', 'Compact drill', '{"voltage": 12, "colors": ["blue"]}', '{cordless}', 980, 89.00, '2026-01-02Z'),
  (2, 4, 'GL-01', 'Work gloves', '{"size": "L"}', '{textile}', 120, 7.50, '2026-01-03Z'),
  (2, 1, 'SET-1', 'Starter set', '{}', '{bundle}', NULL, 160.00, '2026-01-04Z');
UPDATE catalog.product SET is_discontinued = true WHERE id = 2;
INSERT INTO catalog.product_variant VALUES
  (1, 'case', 4006381333931, '{"case": true}', 15.00), (1, 'plain', 4006381333948, '{"case": false}', 0), (3, 'L', 9007199254740993, '{"size": "L"}', 0);
INSERT INTO catalog.product_translation VALUES (1, 'de', 'Akkubohrer', NULL), (1, 'fr', 'Perceuse', 'Sans fil');
INSERT INTO catalog.price_tier VALUES (1, 1, 149.90), (1, 10, 139.00), (3, 100, 5.90);
INSERT INTO catalog.bundle_item VALUES (4, 1, 1), (4, 3, 2);
INSERT INTO catalog.supplier (name, email, rating, contact) VALUES
  ('Hansa Import', 'Sales@Hansa.example', 4.50, '{"phone": "+49 40"}'), ('Glove Works', 'info@gloves.example', 3.75, NULL);
INSERT INTO catalog.supplier_product VALUES (1, 1, 'H-77', 92.00, 14), (1, 2, 'H-78', 51.00, 14), (2, 3, NULL, 3.10, 5);
INSERT INTO company (name, vat_number) VALUES ('Wholesale AG', 'ATU1');
INSERT INTO app_user (id, company_id, email, display_name, roles) VALUES
  ('10000000-0000-4000-8000-000000000001', 1, 'Anna@Wholesale.example', 'Anna', '{sales,manager}'),
  ('10000000-0000-4000-8000-000000000002', 1, 'ben@wholesale.example', 'Ben', '{picker}'),
  ('10000000-0000-4000-8000-000000000003', 1, 'cora@wholesale.example', 'Cora', '{driver}');
INSERT INTO team (name, lead_id) VALUES ('Inside sales', '10000000-0000-4000-8000-000000000001');
INSERT INTO team_member VALUES (1, '10000000-0000-4000-8000-000000000001', '2020-01-01'), (1, '10000000-0000-4000-8000-000000000002', '2022-05-01');
INSERT INTO address (lines, city, country_code, location) VALUES
  ('{Hafenstraße 1}', 'Hamburg', 'DE', '(53.5,9.9)'), ('{"c/o Müller, Top 4",Ring 2}', 'Wien', 'AT', NULL);
INSERT INTO customer (account_manager_id, name, email, credit_limit, preferences, created_at) VALUES
  ('10000000-0000-4000-8000-000000000001', 'Builders Ltd', 'Orders@Builders.example', 5000, '{"packing": {"pallet": true}}', '2025-01-01Z'),
  (NULL, 'Small Workshop', 'hello@workshop.example', 300, '{}', '2025-01-02Z');
INSERT INTO customer_address VALUES (1, 1, 'delivery'), (1, 2, 'billing'), (2, 2, 'delivery');
INSERT INTO sales_order (customer_id, delivery_address_id, status, placed_at, notes) VALUES
  (1, 1, 'placed', '2026-02-01 10:00Z', 'Ring twice'), (1, 1, 'shipped', '2026-01-10 09:00Z', NULL), (2, 2, 'draft', NULL, NULL);
INSERT INTO order_line (order_id, line_no, product_id, variant_code, amount, unit_price) VALUES
  (1, 1, 1, 'case', 10, 154.00), (1, 2, 3, 'L', 40, 7.50), (2, 1, 2, NULL, 1, 89.00), (3, 1, 3, NULL, 5, 7.50);
INSERT INTO discount VALUES ('Spring', 10.00, '[2026-03-01Z,2026-06-01Z)'), ('LOYAL', 5.00, NULL);
INSERT INTO order_discount VALUES (1, 'loyal');
INSERT INTO return_request (order_id, line_no, amount, reason, photos) VALUES (2, 1, 1, 'Defective chuck', '{a.jpg}');
INSERT INTO stock.warehouse (code, name, address_id) VALUES ('HAM', 'Hamburg', 1), ('VIE', 'Wien', 2);
INSERT INTO stock.zone VALUES ('HAM', 'A', NULL), ('HAM', 'COLD', '[2,8]'), ('VIE', 'A', NULL);
INSERT INTO stock.bin VALUES ('HAM', 'A', 1, 500000), ('HAM', 'A', 2, 500000), ('VIE', 'A', 1, 9007199254740993);
INSERT INTO stock.lot (product_id, number, expires_on) VALUES (1, 'L-1', NULL), (1, 'L-2', NULL), (3, 'G-1', '2030-01-01');
INSERT INTO stock.bin_content VALUES ('HAM', 'A', 1, 1, 25), ('HAM', 'A', 2, 2, 5), ('HAM', 'A', 2, 3, 400), ('VIE', 'A', 1, 2, 3);
INSERT INTO stock.movement (lot_id, from_warehouse, from_zone, from_bin, to_warehouse, to_zone, to_bin, amount, reason, moved_by, moved_at) VALUES
  (1, NULL, NULL, NULL, 'HAM', 'A', 1, 25, 'receipt', '10000000-0000-4000-8000-000000000002', '2026-01-05 08:00Z'),
  (2, 'HAM', 'A', 1, 'HAM', 'A', 2, 5, 'transfer', NULL, '2026-01-06 08:00Z');
INSERT INTO stock.reservation VALUES (1, 1, 1, 10), (1, 2, 3, 40);
INSERT INTO stock.replenishment_rule VALUES ('HAM', 1, 20, 60), ('VIE', 1, 5, 10);
INSERT INTO stock.purchase_order (supplier_id, warehouse_code, ordered_on, terms) VALUES (1, 'HAM', '2025-12-20', '{"incoterm": "DAP"}');
INSERT INTO stock.purchase_order_line VALUES (1, 1, 1, 1, 30), (1, 2, 1, 2, 10);
INSERT INTO shipping.carrier VALUES ('DHX', 'Express', '{"base": "https://x.example"}'), ('POST', 'Post', NULL);
INSERT INTO shipping.service_level VALUES ('DHX', 'day', 'Next day', 1), ('DHX', 'eco', 'Economy', 5), ('POST', 'eco', 'Parcel', 4);
INSERT INTO shipping.rate VALUES ('DHX', 'day', 'DE', 5000, 9.90), ('DHX', 'eco', 'DE', 5000, 4.90), ('POST', 'eco', 'AT', 10000, 5.20);
INSERT INTO shipping.vehicle (plate, capacity) VALUES ('HH-AB 1', '(4000,1800,1900)');
INSERT INTO shipping.driver VALUES ('10000000-0000-4000-8000-000000000003', 1, '{B,C1}');
INSERT INTO shipping.shipment (order_id, status, carrier_code, service_code, tracking_number) VALUES (2, 'delivered', 'DHX', 'eco', 'X1');
INSERT INTO shipping.package VALUES (1, 1, '(300,200,100)', 1100);
INSERT INTO shipping.package_item VALUES (1, 1, 2, 1, 1);
INSERT INTO shipping.tracking_event (shipment_id, at, code, place) VALUES
  (1, '2026-01-11 07:00Z', 'picked_up', '{"city": "Hamburg"}'), (1, '2026-01-13 12:00Z', 'delivered', '{"city": "Kiel"}');
