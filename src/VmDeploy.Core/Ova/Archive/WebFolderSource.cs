namespace VmDeploy.Ova;

/// <summary>The files beside an .ovf on a web server.</summary>
internal sealed class WebFolderSource : PackageSource
{
    private readonly PackageLocation _location;
    private readonly CancellationToken _cancellationToken;
    private readonly Dictionary<string, OvaPart?> _found = new(StringComparer.Ordinal);

    /// <param name="location">The address of the .ovf.</param>
    /// <param name="descriptor">Its bytes; not owned.</param>
    /// <param name="cancellationToken">Stops the opening of files.</param>
    public WebFolderSource(PackageLocation location, ByteStore descriptor, CancellationToken cancellationToken)
        : base(descriptor.Path)
    {
        _location = location with { Hash = null };
        _cancellationToken = cancellationToken;
        Descriptor = new OvaPart(Uri.UnescapeDataString(descriptor.Path.Substring(descriptor.Path.LastIndexOf('/') + 1)), descriptor, 0, descriptor.Length!.Value);
    }

    public override OvaPart Descriptor { get; }

    public override OvaPart? Find(string name)
    {
        CheckInside(name);
        lock (_found)
        {
            if (!_found.TryGetValue(name, out var part))
                _found[name] = part = Task.Run(() => OpenAsync(name)).GetAwaiter().GetResult();
            return part;
        }
    }

    /// <summary>A web server lists nothing; the parts of a split file are those that the manifest names.</summary>
    public override IEnumerable<string> NamesStartingWith(string prefix) => [];

    public override OvaPart? FindCompanion(string extension)
    {
        try
        {
            return Find(StemOf(Descriptor.Name) + extension);
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.UriAccessDenied)
        {
            // So do storage services answer for what does not exist, to users who may not list the folder.
            if (extension == ".mf")
                _location.Warn?.Invoke($"{e.Message} The package is read without a manifest.");
            return null;
        }
    }

    private async Task<OvaPart?> OpenAsync(string name)
    {
        // The query stays: it may be the key to all of the folder.
        var address = _location.Address;
        var file = new UriBuilder(address) { Path = new Uri(address, string.Join("/", name.Split('/').Select(Uri.EscapeDataString))).AbsolutePath }.Uri;
        try
        {
            var store = await new PackageFetch(_location with { Path = file.AbsoluteUri }, _cancellationToken).OpenAddressAsync(readsForward: true);
            Own([store]);
            return new OvaPart(name, store, 0, store.Length!.Value);
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.UriNotFound)
        {
            return null;
        }
    }
}
