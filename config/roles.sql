-- Two roles and their database, once, as a superuser of the server (PostgreSQL 15 or newer):
--
--     DATABASE_OWNER_PASSWORD=… DATABASE_PASSWORD=… psql -f config/roles.sql "host=db.example user=postgres"
--
-- validatiestraat_owner owns the tables: `pipeline migrate` and `pipeline restore` run as it, nothing else does.
-- validatiestraat is what workers, waker, web and every other command run as: it reads and writes rows. It can
-- neither change a table nor empty one, nor lift the guards that keep the journal from being changed.
\set ON_ERROR_STOP on
\getenv owner_password DATABASE_OWNER_PASSWORD
\getenv password DATABASE_PASSWORD

CREATE ROLE validatiestraat_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE validatiestraat LOGIN PASSWORD :'password';

CREATE DATABASE validatiestraat OWNER validatiestraat_owner TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE validatiestraat FROM PUBLIC;
GRANT CONNECT ON DATABASE validatiestraat TO validatiestraat;

\connect validatiestraat
-- Whatever tables a migration makes, now and later.
ALTER DEFAULT PRIVILEGES FOR ROLE validatiestraat_owner
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO validatiestraat;
