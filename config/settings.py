"""Settings: one file, read from the environment through typed readers."""

from config.env import (
    BROKER_SCHEMES,
    CHECKOUT,
    DATABASE_SCHEMES,
    data_dir,
    database_settings,
    env_bool,
    env_list,
    env_str,
    env_url,
    secret_key,
)

DEBUG = env_bool("TOUCHSTONE_DEBUG")
SECRET_KEY = secret_key()
ALLOWED_HOSTS = env_list("TOUCHSTONE_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env_list("TOUCHSTONE_ORIGINS")

DATA_DIR = data_dir()

INSTALLED_APPS = [
    "config",
    "reviews",
    "labeling",
    "calibration",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    # While debugging too, `runserver` leaves static files to the middleware.
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_htmx",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.staticfiles.StaticFilesMiddleware",
    "config.middleware.PageHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.SignInMiddleware",
    "config.middleware.MethodPageMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [CHECKOUT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]

# The embedded servers set both addresses before the settings are read (see
# config.embedded); there is no default that could point at a stranger's server.
DATABASE = database_settings(
    env_url(
        "DATABASE_URL",
        "postgresql://touchstone@127.0.0.1/touchstone",
        schemes=DATABASE_SCHEMES,
    )
)
DATABASES = {
    "default": {
        **DATABASE,
        # Kept open: signing in to the database costs more than all that a click
        # asks of it. There are as many as the web server has threads.
        "CONN_MAX_AGE": 600,
        # What is asked again is planned once: under row-level security, planning
        # is most of the work of a short query.
        "OPTIONS": {
            "server_side_binding": True,
            "prepare_threshold": 3,
            **DATABASE["OPTIONS"],
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in rate limits must hold over all web processes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "config_cache",
    }
}

CELERY_BROKER_URL = env_url(
    "BROKER_URL",
    "redis://127.0.0.1:6379/0",
    schemes=BROKER_SCHEMES,
)

AUTH_USER_MODEL = "reviews.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCOUNT_ADAPTER = "config.accounts.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"

# Names masked in every project on top of those of each item (see docs/blinding.md).
MASKED_NAMES = env_list("TOUCHSTONE_MASKED_NAMES")

LANGUAGE_CODE = "en"
# No page mixes languages: another one is offered once it is translated.
LANGUAGES = [("en", "English")]
USE_I18N = True
LOCALE_PATHS = [CHECKOUT / "locale"]
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = env_str("TOUCHSTONE_TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [CHECKOUT / "static"]
STORAGES = {"staticfiles": {"BACKEND": "config.staticfiles.HashedStorage"}}

# A rubric of forty criteria, each with ten options, is one form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

SESSION_ENGINE = "reviews.services.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env_bool("TOUCHSTONE_HTTPS")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
