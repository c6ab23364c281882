"""The Slack front. One folder a flow: listeners unpack, call and show; views draw; forms read what was typed."""
