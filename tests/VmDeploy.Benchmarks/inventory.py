"""Reads four properties of every VM one by one, as many a script does: inventory.py HOST PORT EXPECTED
Prints the milliseconds that the loop took."""
import ssl
import sys
import time

from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim

host, port, expected = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
service = SmartConnect(host=host, port=port, user="user", pwd="pass", sslContext=ssl._create_unverified_context())
content = service.RetrieveContent()
start = time.monotonic()
view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
rows = []
for vm in view.view:
    disks = [device for device in vm.config.hardware.device if isinstance(device, vim.vm.device.VirtualDisk)]
    rows.append((vm.name, vm.runtime.powerState, vm.guest.ipAddress if vm.guest else None, disks))
view.Destroy()
print((time.monotonic() - start) * 1000)
assert len(rows) == expected, len(rows)
Disconnect(service)
