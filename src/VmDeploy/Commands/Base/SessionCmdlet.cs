namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that uses one session: the given one, the default or the only open one.</summary>
public abstract class SessionCmdlet : RecordCmdlet
{
    // VMs of the last search whose name no other has; null if objects were given.
    private HashSet<string>? _uniqueNames;

    /// <summary>The session to use, or its id; by default the default or only one.</summary>
    [Parameter]
    [ValidateNotNull]
    [SessionTransformation]
    [ArgumentCompleter(typeof(OpenSessionCompleter))]
    public VmSession? Session { get; set; }

    /// <summary>The session to use: the given one, that of a datastore or network that was given as an object, or the default.</summary>
    /// <exception cref="VmDeployException"><c>NoSession</c>, <c>AmbiguousSession</c>, <c>SessionClosed</c> or <c>SessionMismatch</c>.</exception>
    protected VmSession ResolveSession()
    {
        // A selection of a live object's properties.
        if (!(MakesFromFiles && Session is not null) && InputObject is { BaseObject: PSCustomObject } && PlainValue.Of(InputObject.Properties[nameof(Session)]?.Value) is VmSession selected)
            return UseSessionOf(selected, InputObject.Properties["Name"]?.Value ?? InputObject);
        var own = HasPlacesOfSession ? HostObjectText.Find(this).Select(place => HostObjectText.SessionOf(place.Given)).FirstOrDefault() : null;
        return WithPlaces(UseSession(Session ?? own));
    }

    /// <summary>Whether records name only what is to be made, from a file: <see cref="Session"/> may be that of another host than theirs.</summary>
    private protected virtual bool MakesFromFiles => false;

    /// <summary>Whether datastores and networks that are given belong to the session of this cmdlet.</summary>
    private protected virtual bool HasPlacesOfSession => true;

    /// <summary>The same session; <c>SessionMismatch</c> if a datastore or network that was given as an object belongs to another.</summary>
    private protected VmSession CheckPlaces(VmSession session)
    {
        foreach (var (text, given) in HostObjectText.Find(this))
        {
            if (HostObjectText.SessionOf(given) is { } own && own != session)
                throw Mismatch(text, own, session);
        }
        return session;
    }

    /// <summary>Refuses devices and snapshots of other VMs that were given by their labels and names.</summary>
    private protected void CheckParts(Vm vm)
    {
        foreach (var (text, given) in HostObjectText.Find(this))
        {
            if (given switch { IVmDevice device => device.Vm, VmSnapshot snapshot => snapshot.Vm, _ => null } is { } own && own.Id != vm.Id)
                throw new VmDeployException(ErrorCodes.PipelineValueInvalid, $"'{text}' belongs to {Describe(own)}, not to {Describe(vm)}.", given);
        }
    }

    /// <summary>The session of a given object; <c>SessionMismatch</c> if -Session names another.</summary>
    private protected VmSession UseSessionOf(Vm vm) => UseSessionOf(vm.Session, vm);

    private protected VmSession UseSessionOf(VmSession own, object thing) => Session is null || Session == own
        ? WithPlaces(UseSession(own))
        : throw Mismatch(thing, own, Session);

    private VmSession WithPlaces(VmSession session) => HasPlacesOfSession ? CheckPlaces(session) : session;

    private static VmDeployException Mismatch(object thing, VmSession own, VmSession other) => new(ErrorCodes.SessionMismatch,
        $"'{thing}' belongs to the session {own.Id} ({own}:{own.Port}), but the session {other.Id} ({other}:{other.Port}) is used.", thing);

    /// <summary>Acts on one of several VMs with its session; its failure is written, and does not stop the others.</summary>
    private protected async Task TryAsync(Vm vm, Func<Task> act)
    {
        try
        {
            UseSessionOf(vm);
            CheckParts(vm);
            await act();
        }
        catch (VmDeployException e)
        {
            WriteError(vm, e);
        }
    }

    /// <summary>Writes the failure of one of several VMs, and which it is if others may have its name.</summary>
    private protected void WriteError(Vm vm, VmDeployException failure) =>
        WriteError(HasUniqueName(vm) || failure.Message.Contains(vm.Path ?? vm.Id) ? failure : failure.About(Describe(vm)));

    /// <summary>Finds VMs by name, page by page, and writes an error for each name without wildcards that is not found.</summary>
    private protected async Task FindVmsAsync(IReadOnlyList<string> names, Func<IReadOnlyList<Vm>, Task> found, CancellationToken cancellationToken)
    {
        var session = ResolveSession();
        var filter = new NameFilter(names);
        await session.GetVmsAsync(new VmQuery { NameFilter = filter.IsAll ? null : filter.Matches }, found, cancellationToken);
        if (!filter.Unmatched.Any())
            return;
        var templates = new HashSet<string>((await session.Discovery.GetTemplatesAsync(cancellationToken)).Select(one => one.Name), StringComparer.OrdinalIgnoreCase);
        var missing = filter.Unmatched.ToLookup(templates.Contains);
        WriteMissing(ErrorCodes.VmNotFound, "VM", missing[false], session);
        WriteMissing(ErrorCodes.VmNotFound, "VM", missing[true], session, ErrorHint.NameOfTemplate);
    }

    /// <summary>The given or named VMs; writes an error for each name that is not found.</summary>
    /// <exception cref="VmDeployException"><c>AmbiguousVm</c> if several VMs have one name.</exception>
    private protected async Task<IReadOnlyList<Vm>> FindVmsAsync(IReadOnlyList<VmOrName> given, CancellationToken cancellationToken)
    {
        var named = new List<Vm>();
        foreach (var vm in given.Select(one => one.Vm).OfType<Vm>())
            UseSessionOf(vm);
        var names = given.Select(one => one.Name).OfType<string>().ToList();
        if (names.Count > 0)
        {
            await FindVmsAsync(names, page => { named.AddRange(page); return Task.CompletedTask; }, cancellationToken);
        }

        // A wildcard means all matches; a name without wildcards means one VM.
        HashSet<string> plain = new(names.Where(name => !NameFilter.IsPattern(name)), StringComparer.OrdinalIgnoreCase);
        if (named.Where(vm => plain.Contains(vm.Name)).GroupBy(vm => vm.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } same)
            throw Ambiguous([.. same]);
        return [.. given.Select(one => one.Vm).OfType<Vm>(), .. named];
    }

    private protected async Task FindVmsByIdAsync(VmSession session, IReadOnlyList<string> ids, Func<IReadOnlyList<Vm>, Task> found, CancellationToken cancellationToken)
    {
        var missing = new HashSet<string>(ids);
        await session.GetVmsAsync(new VmQuery { Ids = ids }, page =>
        {
            missing.ExceptWith(page.Select(vm => vm.Id));
            return found(page);
        }, cancellationToken);
        WriteMissing(ErrorCodes.VmNotFound, "VM", missing, session);
    }

    /// <summary>Emits the host's objects of one kind by name, and writes an error for each name that is not found.</summary>
    private protected async Task ListAsync<T>(
        Func<VmSession, Task<IReadOnlyList<T>>> read, Func<T, string> nameOf, IReadOnlyList<string> names, ErrorCode missing, string kind,
        Func<T, string>? otherNameOf = null, params Type[] others)
        where T : class
    {
        var session = PipedNameCheck.FindSession<T>(InputObject, others) is { } own ? UseSessionOf(own, InputObject!) : ResolveSession();
        var filter = new NameFilter(names);
        foreach (var item in (await read(session)).Where(item => filter.Matches(nameOf(item)) | (otherNameOf is not null && filter.Matches(otherNameOf(item)))))
            WriteObject(item);
        WriteMissing(missing, kind, filter.Unmatched, session, ErrorHint.ListAll);
    }

    private protected static VmDeployException Ambiguous(IReadOnlyList<Vm> same) => new(ErrorCodes.AmbiguousVm,
        $"{same.Count} VMs on {same[0].Server} have the name '{same[0].Name}': {string.Join(", ", same.Select(vm => $"{vm.Id}{Place(vm)}"))}.", same[0].Name);

    private static string Place(Vm vm) => vm.Path is null ? "" : string.IsNullOrEmpty(vm.Folder) ? $" ({vm.Path})" : $" (folder '{vm.Folder}', {vm.Path})";

    /// <summary>The VM for prompts and -WhatIf; with its path or id if the name may not be unique.</summary>
    private protected string Describe(Vm vm) => HasUniqueName(vm)
        ? $"{vm} on {vm.Server}"
        : $"{vm} ({vm.Path ?? vm.Id}) on {vm.Server}";

    private bool HasUniqueName(Vm vm) => _uniqueNames?.Contains(vm.Name) ?? vm.Session.HasUniqueVmNames;

    /// <summary>For <see cref="Describe(Vm)"/>: the VMs that a search has found; null if objects were given, of which the host may have others of the name.</summary>
    private protected void RememberUniqueNames(IReadOnlyList<Vm>? found) => _uniqueNames = found is null ? null
        : [.. found.GroupBy(vm => vm.Name, StringComparer.OrdinalIgnoreCase).Where(same => same.Count() == 1).Select(same => same.Key)];

    private void WriteMissing(ErrorCode code, string kind, IEnumerable<string> names, VmSession session, ErrorHint? hint = null)
    {
        foreach (var name in names)
            WriteError(new VmDeployException(code, $"{kind} '{name}' not found on {session.Server}.", name, hint: hint));
    }
}
