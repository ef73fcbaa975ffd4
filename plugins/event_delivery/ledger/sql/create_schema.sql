create schema if not exists event_delivery
