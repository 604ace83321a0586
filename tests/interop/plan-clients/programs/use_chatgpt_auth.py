"""Uses chatgpt-auth, which gives out access tokens and asks nothing itself."""

import os

import runner
import chatgpt_auth

PATH = os.path.join(os.environ["HOME"], "credentials.json")


def sign_in(_):
    return chatgpt_auth.login(PATH, open_browser=runner.open_browser).client_id


def access_token(_):
    return chatgpt_auth.Credentials.load(PATH).get_access_token()


def refresh(_):
    chatgpt_auth.Credentials.load(PATH).refresh()


def sign_out(_):
    return chatgpt_auth.logout(PATH).remote_revoked


runner.serve({"sign_in": sign_in, "access_token": access_token, "refresh": refresh, "sign_out": sign_out})
