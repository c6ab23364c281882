"""The Flask front: the REST API, health, and what others mount beside them. Edges translate, the core decides."""
