"""Stage 5: what a token opens. Logging in is Django REST framework's own view, see `webSocket.urls`."""

from rest_framework import status
from rest_framework.authtoken.models import Token
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class LogoutView(APIView):
    """Ends the caller's token. It asks for a known caller by itself, whatever the settings say."""

    permission_classes = [IsAuthenticated]

    def post(self, request: Request) -> Response:
        Token.objects.filter(user=request.user).delete()
        return Response({"detail": "Logged out."}, status=status.HTTP_200_OK)


class MeView(APIView):
    """Who is calling. It leans on the project's defaults, so misspelt ones leave it open to everyone."""

    def get(self, request: Request) -> Response:
        return Response({"username": request.user.get_username()})
