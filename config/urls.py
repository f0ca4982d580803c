"""Where everything is."""

from allauth.account import views as account
from django.urls import include, path

# Leads make accounts and set passwords anew; there is no sign-up and no mail, so
# that the pages of allauth which send any are not served.
accounts = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
]

urlpatterns = [
    path("accounts/", include(accounts)),
    path("", include("reviews.urls")),
    path("", include("labeling.urls")),
    path("", include("calibration.urls")),
]
