"""The app's own life in a workspace: installed through OAuth, given new tokens, uninstalled."""
