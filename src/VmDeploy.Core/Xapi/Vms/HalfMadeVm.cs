using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Xapi;

/// <summary>
/// A VM that is being made, and everything that must go if it is not finished. Until then it bears a name that nothing
/// else has, so that it is found even where the answer that held its reference was lost.
/// </summary>
internal sealed class HalfMadeVm
{
    /// <summary>In <c>other_config</c> of what was made for a VM: which making it was.</summary>
    private const string Key = "vmdeploy";

    private static readonly string[] s_makers = ["Async.VM.clone", "Async.VM.copy", "Async.VM.provision"];

    private readonly XapiSession _session;
    private readonly string _id = Guid.NewGuid().ToString("N").Substring(0, 8);
    private readonly List<string> _disks = [];
    private string? _vm;

    public HalfMadeVm(XapiSession session, string name)
    {
        _session = session;
        Name = name;
    }

    /// <summary>What it will be called.</summary>
    public string Name { get; }

    /// <summary>What it is called meanwhile.</summary>
    public string Label => $"{Name} (being made, {_id})";

    /// <summary>For <c>other_config</c> of everything that is made for it.</summary>
    public Dictionary<string, string> Mark => new() { [Key] = _id };

    /// <summary>Remembers the VM.</summary>
    public string Vm(string reference) => _vm = reference;

    /// <summary>Remembers a disk.</summary>
    public string Disk(string reference)
    {
        _disks.Add(reference);
        return reference;
    }

    /// <summary>Removes everything, also what is not remembered because an answer was lost.</summary>
    /// <returns>What is left all the same, in words.</returns>
    public async Task<IReadOnlyList<string>> RemoveAsync()
    {
        var left = new List<string>();
        await TryAsync($"VM '{Label}'", async () =>
        {
            foreach (var vm in await VmsAsync())
                left.AddRange(await _session.Remover.RemoveAsync(vm));
        });
        await TryAsync("its disks", async () =>
        {
            foreach (var disk in await DisksAsync())
            {
                if (await _session.Remover.RemoveDiskAsync(disk, Name) is { } problem)
                    left.Add(problem);
            }
        });
        if (left.Count == 0)
            _session.Log.CleanedUp(Name);
        return left;

        async Task TryAsync(string what, Func<Task> remove)
        {
            // Once more where a connection broke: the next one may well hold.
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await remove();
                    return;
                }
                catch (Exception e) when (e is VmDeployException or OperationCanceledException)
                {
                    if (attempt == 1 && e is not XapiFailure)
                        continue;
                    _session.Log.CleanupFailed(Name, what, e.Message);
                    left.Add($"{what}: {e.Message}");
                    return;
                }
            }
        }
    }

    private async Task<IReadOnlyList<XapiRecord>> VmsAsync()
    {
        var client = _session.Client;
        var references = new List<string>();
        if (_vm is not null)
            references.Add(_vm);
        await _session.Tasks.LostOnesEndedAsync(s_makers);
        references.AddRange(await client.ListAsync("VM.get_by_name_label", CancellationToken.None, Label));
        var vms = new List<XapiRecord>();
        foreach (var reference in references.Distinct())
        {
            try
            {
                vms.Add(await client.RecordAsync("VM", reference, CancellationToken.None));
            }
            catch (XapiFailure failure) when (failure.Failure == "HANDLE_INVALID")
            {
                // Gone already.
            }
        }
        return vms;
    }

    private async Task<IReadOnlyList<string>> DisksAsync()
    {
        var all = await _session.Client.AllAsync("VDI", CancellationToken.None);
        return _disks.Concat(all.Values.Where(vdi => vdi.Map("other_config").TryGetValue(Key, out var id) && id == _id).Select(vdi => vdi.Ref)).Distinct().ToList();
    }
}
