"""The Kafka clients, one of each: kafka-python to produce and to administer, aiokafka to read."""
