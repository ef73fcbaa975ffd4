-- A column that becomes of another type is another promise to whoever reads the file: part of what a version is. Of
-- versions that were noted before, and of files whose source did not answer, nobody knows the types.
alter table event_delivery.file_schema add column types jsonb;
