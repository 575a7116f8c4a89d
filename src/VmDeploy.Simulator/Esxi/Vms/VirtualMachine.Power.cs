using System.Globalization;
using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Http;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>Power, and the guest.</summary>
internal sealed partial class VirtualMachine
{
    private int _lives;
    private bool _toolsRun;
    private long _memoryAtStart;

    /// <summary>In MiB.</summary>
    public const long HotPlugMemoryStep = 128;

    public string PowerState { get; private set; } = "poweredOff";

    /// <summary>The size in MiB up to which memory can be added now; 0 if none can be added.</summary>
    public long HotPlugMemoryLimit => IsRunning && ConfigData.Bool("memoryHotAddEnabled") == true ? _memoryAtStart * 16 : 0;

    public DateTime? BootTime { get; private set; }

    private GuestBehavior Behavior => Esx.Options.Guest(Name);

    [VimProperty("GuestInfo")]
    public DataObject Guest
    {
        get
        {
            var nic = Devices.FirstOrDefault(d => d.Is("VirtualEthernetCard"));
            var info = new DataObject("GuestInfo")
            {
                ["toolsStatus"] = !Behavior.HasTools ? "toolsNotInstalled" : _toolsRun ? "toolsOk" : "toolsNotRunning",
                ["toolsVersionStatus2"] = Behavior.HasTools ? "guestToolsUnmanaged" : "guestToolsNotInstalled",
                ["toolsRunningStatus"] = _toolsRun ? "guestToolsRunning" : "guestToolsNotRunning",
                ["guestState"] = _toolsRun ? "running" : "notRunning",
                ["guestOperationsReady"] = _toolsRun,
            };
            if (!_toolsRun)
                return info;
            info["guestId"] = ConfigData.Text("guestId");
            info["guestFullName"] = ConfigData.Text("guestFullName");
            info["hostName"] = Name;
            if (nic is null)
                return info;
            info["ipAddress"] = Address;
            info["net"] = new[]
            {
                new DataObject("GuestNicInfo")
                {
                    ["network"] = Networks.Of(Center)(nic.Object("backing")!)?.Name,
                    ["ipAddress"] = new[] { Address },
                    ["macAddress"] = nic.Text("macAddress"),
                    ["connected"] = true,
                    ["deviceConfigId"] = nic.Int("key"),
                },
            };
            return info;
        }
    }

    // The digits of its id.
    private int Number => int.Parse(string.Concat(Self.Value.Where(char.IsDigit)), CultureInfo.InvariantCulture);

    private string Address => Behavior.IpAddress ?? string.Create(CultureInfo.InvariantCulture, $"10.{Number >> 16 & 255}.{Number >> 8 & 255}.{Number & 255}");

    [VimMethod(Writes = true)]
    public object PowerOnVM_Task(VimCall call) => Begin(call, "powerOn", async task =>
    {
        if (Esx.Faults.TakeQuestion()
            && await AskAsync(task, "msg.uuid.altered", "This virtual machine might have been moved or copied. What did you do?",
                ["Cancel", "I Moved It", "I Copied It"], usual: 2) == "Cancel")
        {
            throw VimFault.Of("GenericVmConfigFault", "The power-on was cancelled by the user.", ("reason", "Cancelled by the user."));
        }
        lock (Esx.Gate)
            PowerOn();
        return null;
    });

    [VimMethod(Writes = true)]
    public object PowerOffVM_Task(VimCall call) => Begin(call, "powerOff", () =>
    {
        CheckPower("poweredOff", "poweredOn", "suspended");
        PowerOff();
    });

    [VimMethod(Writes = true)]
    public object ResetVM_Task(VimCall call) => Begin(call, "reset", () =>
    {
        CheckPower("poweredOn", "poweredOn");
        _ = BootAsync();
    });

    [VimMethod(Writes = true)]
    public object SuspendVM_Task(VimCall call) => Begin(call, "suspend", () =>
    {
        CheckPower("suspended", "poweredOn");
        Suspend();
    });

    [VimMethod]
    public object CreateScreenshot_Task(VimCall call) => Begin(call, "createScreenshot", _ =>
    {
        lock (Esx.Gate)
        {
            CheckPower("poweredOn", "poweredOn");
            if (Esx.Faults.TakeScreen())
                throw VimFault.Of("GenericVmConfigFault", "MKS is not available", ("reason", "MKS is not available"));
            var path = Enumerable.Range(1, 9999).Select(i => Home.Child(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(VmxPath.FileName)}-{i}.png"))).First(p => !p.FileExists);
            File.WriteAllBytes(path.Local, ConsolePicture.Png());
            path.Datastore.Changed();
            return System.Threading.Tasks.Task.FromResult<object?>(path.ToString());
        }
    });

    [VimMethod(Writes = true)]
    public void ShutdownGuest(VimCall call)
    {
        CheckGuest();
        if (Behavior.ShutdownTime is { } time)
            _ = After(time, PowerOff);
    }

    [VimMethod(Writes = true)]
    public void RebootGuest(VimCall call)
    {
        CheckGuest();
        if (Behavior.ShutdownTime is { } time)
            _ = After(time, () => _ = BootAsync());
    }

    /// <summary>Powers it on; the caller holds the host's lock.</summary>
    /// <exception cref="VimFault">It can't run.</exception>
    public void PowerOn()
    {
        CheckPower("poweredOn", "poweredOff", "suspended");
        if (IsTemplate)
            throw VimFault.Of("NotSupported", "The operation is not supported on a template.");
        if (RunsOn!.MemoryInUse + (MemoryMB << 20) > HostSystem.MemoryBytes)
            throw VimFault.Of("InsufficientHostMemoryCapacityFault", "The host does not have sufficient memory resources to satisfy the reservation.", ("host", RunsOn.Self));
        CheckDiskFiles();
        CheckIdeMasters();

        ConfigData = WithConnections(startUp: true);
        _memoryAtStart = PowerState == "suspended" ? _memoryAtStart : MemoryMB;
        PowerState = "poweredOn";
        BootTime = DateTime.UtcNow;
        _ = BootAsync();
        Changed();
    }

    private void PowerOff()
    {
        StopGuest();
        PowerState = "poweredOff";
        BootTime = null;
        ConfigData = WithConnections(startUp: false);
    }

    private void Suspend()
    {
        StopGuest();
        PowerState = "suspended";
        Changed();
    }

    private void StopGuest()
    {
        _lives++;
        _toolsRun = false;
    }

    private async Task BootAsync()
    {
        _toolsRun = false;
        Changed();
        if (Behavior.HasTools)
            await After(Behavior.BootTime, () => _toolsRun = true);
    }

    // Runs an action later, unless the VM is powered off before.
    private async Task After(TimeSpan time, Action action)
    {
        var life = _lives;
        await Task.Delay(time, Esx.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (Esx.Gate)
        {
            if (life != _lives || Esx.Stopping.IsCancellationRequested)
                return;
            action();
            Changed();
        }
    }

    private void CheckPower(string wanted, params string[] allowed)
    {
        if (allowed.Contains(PowerState))
            return;
        var words = PowerState switch { "poweredOn" => "Powered on", "poweredOff" => "Powered off", _ => "Suspended" };
        throw VimFault.Of("InvalidPowerState", $"The attempted operation cannot be performed in the current state ({words}).",
            ("requestedState", wanted), ("existingState", PowerState));
    }

    private void CheckGuest()
    {
        CheckFree();
        CheckPower("poweredOn", "poweredOn");
        if (!_toolsRun)
            throw VimFault.Of("ToolsUnavailable");
    }

    private void CheckDiskFiles()
    {
        foreach (var backing in Disks.Select(d => d.Object("backing")!))
        {
            foreach (var path in Chain(backing))
            {
                if (!path.FileExists)
                    throw VimFault.FileNotFound(path.ToString());
                FileManager.CheckUnlocked(path, toRead: true, IsMultiWriter(backing));
            }
        }
    }

    /// <summary>It is one of those that write to a disk.</summary>
    public bool SharesDisk(DatastorePath path) => Disks.Select(d => d.Object("backing")!).Any(backing => IsMultiWriter(backing) && Chain(backing).First() == path);

    private static bool IsMultiWriter(DataObject backing) => backing.Text("sharing") == "sharingMultiWriter";

    private void CheckIdeMasters()
    {
        foreach (var controller in Devices.Where(d => d.Is("VirtualIDEController")))
        {
            var units = Devices.Where(d => d.Int("controllerKey") == controller.Int("key")).Select(d => d.Int("unitNumber")).ToList();
            if (units.Contains(1) && !units.Contains(0))
            {
                var bus = controller.Int("busNumber");
                var reason = $"Device 'ide{bus}:1' is a slave and there is no master at 'ide{bus}:0'.";
                throw VimFault.Of("GenericVmConfigFault", reason, ("reason", reason));
            }
        }
    }

    // Connections follow the power state: at power-on devices with startConnected whose backing can be opened, at power-off none.
    private DataObject WithConnections(bool startUp)
    {
        var config = ConfigData.Clone();
        foreach (var device in config.Object("hardware")!.Objects("device"))
        {
            if (device.Object("connectable") is { } connectable)
                connectable["connected"] = startUp && connectable.Bool("startConnected")!.Value && MediumExists(device);
        }
        return config;
    }

    private bool MediumExists(DataObject device) =>
        device.Object("backing") is not { } backing || !backing.Is("VirtualCdromIsoBackingInfo")
        || DatastorePath.Parse(backing.Text("fileName")!, Center).FileExists;
}
