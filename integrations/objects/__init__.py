"""What people keep beside their meetings and share by tags: contacts, faxes, files, devices, chats.

Others speak of them: `cospace` tells people of them and has their calls, `producers` report for devices.
"""
