"""The application that a WSGI server serves."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)
# What is loaded by now stays. Unless it is told so, each full collection goes through
# all of it, while every request of the process waits.
gc.freeze()
